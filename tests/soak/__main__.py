"""`python -m tests.soak --minutes 10`: see `tests.soak`."""

import argparse
import signal
import sys

from rich.console import Console

from tests.soak.soaking import soak

# Ends as Ctrl+C does: together with the server that was started.
signal.signal(signal.SIGTERM, signal.default_int_handler)
parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
parser.add_argument("--minutes", type=float, default=10)
parser.add_argument("--seed", type=int, default=1, help="the same seed, the same visits in the same order")
chosen = parser.parse_args()
sys.exit(soak(chosen.minutes, chosen.seed, Console()))
