"""How many visitors an hour each part beside the machines serves, and so which is the next bottleneck.

What needs a cluster or crowds is measured by other commands, whose figures stand here.
"""

from typing import NamedTuple

from benchmarks.simulation.measure import Measured
from benchmarks.simulation.queueing import Load

# `make load`: so many viewers of one server have each frame within 100 ms.
VIEWERS = 3_000
# `make bench-cluster`: processor time of one race through Ray, and races that PostgreSQL takes in a second.
DRIVER_S, HEAD_S, POSTGRES_PER_S = 0.08, 0.05, 24.4


class Part(NamedTuple):
    """What each of it serves, in visitors an hour."""

    name: str
    serves: float

    def needed(self, load: Load) -> int:
        return -(-load.visitors // int(self.serves))


def parts(load: Load, measured: Measured) -> list[Part]:
    """Of a load's kind, whatever its size."""

    def racing(per_s: float) -> float:
        return per_s * 3600 / load.races_each

    by_processor_time = {
        # One of those on a database leads, and has all races.
        "leading server": measured.server_s,
        "its process for Ray": DRIVER_S,
        "Ray's head": HEAD_S,
    }
    return [
        Part("server, for viewers", VIEWERS * 3600 / load.stays_s),
        *(Part(name, racing(1 / seconds)) for name, seconds in by_processor_time.items() if seconds),
        Part("SQLite", racing(measured.written_per_s)),
        Part("PostgreSQL", racing(POSTGRES_PER_S)),
    ]
