"""The playground from Python: `with Playground("http://127.0.0.1:8000") as playground: race = playground.start()`.

Starts and commands races, iterates over their batches while they are made, and has their numbers as NumPy arrays or as
a pandas frame; the same for sweeps. All errors are PlaygroundErrors with the server's own sentence.
"""

from app.client.playground import Playground
from app.client.race import Race
from app.client.stream import Refused, Unreachable
from app.client.sweep import Sweep

__all__ = ["Playground", "Race", "Refused", "Sweep", "Unreachable"]
