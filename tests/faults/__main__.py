"""`python -m tests.faults`: see `tests.faults`."""

import signal
import sys

from rich.console import Console

from tests.faults.faults import FAULTS
from tests.faults.trial import BOUND_S, trial

# Ends as Ctrl+C does: together with the server that was started.
signal.signal(signal.SIGTERM, signal.default_int_handler)
sys.exit(trial(FAULTS, BOUND_S, Console(width=None if sys.stdout.isatty() else 120)))
