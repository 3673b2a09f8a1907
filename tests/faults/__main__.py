"""`python -m tests.faults`: see `tests.faults`."""

import sys

from rich.console import Console

from tests.faults.faults import FAULTS
from tests.faults.trial import BOUND_S, trial

sys.exit(trial(FAULTS, BOUND_S, Console(width=None if sys.stdout.isatty() else 120)))
