"""`python -m tests.fuzz --inputs 10000`: see `tests.fuzz`."""

import argparse
import signal
import sys

from rich.console import Console

from tests.fuzz.fuzzing import fuzz

# Ends as Ctrl+C does: together with the server that was started.
signal.signal(signal.SIGTERM, signal.default_int_handler)
parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
parser.add_argument("--inputs", type=int, default=10_000, help="of all kinds together")
parser.add_argument("--seed", type=int, default=1, help="the same seed, the same inputs")
chosen = parser.parse_args()
# Where there is no terminal whose width is known, the table is shown whole.
sys.exit(fuzz(chosen.inputs, chosen.seed, Console(width=None if sys.stdout.isatty() else 120)))
