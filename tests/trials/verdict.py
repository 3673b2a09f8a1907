"""The bounds of a trial, as a table for a terminal."""

from typing import NamedTuple

from rich.console import Console
from rich.table import Table


class Check(NamedTuple):
    """One bound: what is measured, what it is and what it should be."""

    what: str
    found: str
    bound: str
    holds: bool


def table(title: str, *columns: str) -> Table:
    """An empty table, its first column for words and the others for figures."""
    made = Table(title=title, title_justify="left")
    for place, column in enumerate(columns):
        made.add_column(column, justify="right" if place else "left", no_wrap=True)
    return made


def verdict(checks: list[Check], console: Console) -> int:
    """Print the bounds; the exit status: 1 if one is broken."""
    shown = Table(title="Bounds", title_justify="left")
    for column in ("", "found", "should be", ""):
        shown.add_column(column)
    for check in checks:
        shown.add_row(check.what, check.found, check.bound, "ok" if check.holds else "BROKEN")
    console.print(shown)
    return 0 if all(check.holds for check in checks) else 1
