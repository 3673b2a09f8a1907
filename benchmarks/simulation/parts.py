"""What a race takes of each part of a cluster beside its machines.

What needs a cluster or crowds is measured by other commands, whose figures stand here and in docs/scaling.md.
"""

from benchmarks.simulation.queueing import Part

# `make load`: so many viewers of one web server have each frame within 100 ms.
VIEWERS = 3_000
# `make bench-cluster`: processor time of a default race at the server that leads, at its process that uses Ray, and at
# Ray's head; and whole races that PostgreSQL takes in a second.
LEADER_S, DRIVER_S, HEAD_S, POSTGRES_PER_S = 0.19, 0.08, 0.05, 24.4
LEADER, DRIVER, HEAD, DATABASE = "the server that leads", "its process that uses Ray", "Ray's head", "PostgreSQL"


def parts(start_s: float) -> list[Part]:
    """In the order in which a start passes them; `start_s` is what the leader takes to answer it and let it wait."""
    return [
        Part(LEADER, start_s, max(0.0, LEADER_S - start_s)),
        # A start is answered when it is saved, behind what is written of other races.
        Part(DATABASE, 0.0, 1 / POSTGRES_PER_S),
        Part(HEAD, HEAD_S, 0.0),
        Part(DRIVER, 0.0, DRIVER_S),
    ]
