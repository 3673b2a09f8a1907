"""The files that a command writes: checked before it begins, and written once it is done."""

import json
from collections.abc import Iterable
from pathlib import Path

from app.errors import PlaygroundError
from app.report.csv_export import with_decimal_commas


class CannotWrite(PlaygroundError):
    """A file can't be written."""


def check_writable(*files: Path | None) -> None:
    """Raises CannotWrite: before a race, so that a mistyped folder does not cost its results."""
    for file in files:
        if file is not None:
            try:
                file.open("a").close()
            except OSError as error:
                raise CannotWrite(f"{file} cannot be written: {error.strerror}.") from error


def write_csv(file: Path | None, lines: Iterable[str], decimal_commas: bool) -> None:
    """Unless `file` is None."""
    _write(file, with_decimal_commas(lines) if decimal_commas else lines)


def write_json(file: Path | None, described: object) -> None:
    """The same."""
    _write(file, [json.dumps(described, indent=2, allow_nan=False), "\n"])


def _write(file: Path | None, pieces: Iterable[str]) -> None:
    """Replace what is in it."""
    if file is not None:
        with file.open("w", encoding="utf-8", newline="") as opened:
            opened.writelines(pieces)
