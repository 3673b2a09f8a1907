"""What the server logs: one line for each event, as text or as JSON, with the run it is about.

`configure` decides where all loggers of this process write. An event is logged by the standard library's `logging`,
with what it is about in `extra=about(…)`. Neither keys nor addresses of visitors belong there.

A warning or an error that comes again within a minute is counted in place of written: strangers can cause as many as
they like.
"""

import asyncio
import copy
import errno
import json
import logging
import time
import traceback
from collections.abc import Hashable
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

Format = Literal["text", "json"]
Level = Literal["debug", "info", "warning", "error"]

REPEATS_S = 60.0
OUT_OF_RESOURCES = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
# Beyond so many kinds of lines within REPEATS_S, all of one logger and level are one.
MOST_KINDS = 500


def configure(form: Format, level: Level) -> None:
    """Write the server's lines of `level` and above to standard error in this form, and problems of libraries too."""
    handler = CountingHandler()
    handler.setLevel(level.upper())
    handler.setFormatter(JSONLines() if form == "json" else TextLines())
    # What a library does when nothing is wrong is its own business.
    logging.basicConfig(level="WARNING", handlers=[handler], force=True)
    logging.getLogger("app").setLevel(level.upper())
    logging.getLogger("uvicorn.error").addFilter(_is_trouble)
    logging.getLogger("asyncio").addFilter(_in_a_sentence)


def about(**fields: object) -> dict[str, Any]:
    """What an event is about, for `extra=`; what is None is left out."""
    return {"about": {name: value for name, value in fields.items() if value is not None}}


def log_repeats() -> None:
    """Write how often lines were left out, where REPEATS_S are over; to be called now and then."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, CountingHandler):
            handler.log_repeats()


class CountingHandler(logging.StreamHandler[TextIO]):
    """Logs to standard error; of warnings and errors of one kind, the first, and every REPEATS_S how many followed."""

    def __init__(self) -> None:
        super().__init__()
        self._kinds: dict[Hashable, _Repeats] = {}

    def emit(self, record: logging.LogRecord) -> None:
        self._log_due(time.monotonic())
        if record.levelno >= logging.WARNING:
            kind = _kind(record)
            if kind not in self._kinds and len(self._kinds) >= MOST_KINDS:
                kind = record.name, record.levelno
            if kind in self._kinds:
                self._kinds[kind].count(record)
                return
            self._kinds[kind] = _Repeats(time.monotonic() + REPEATS_S)
        super().emit(record)

    def log_repeats(self) -> None:
        with self.lock or nullcontext():
            self._log_due(time.monotonic())

    def close(self) -> None:
        with self.lock or nullcontext():
            self._log_due(float("inf"))
        super().close()

    def _log_due(self, now: float) -> None:
        for kind in [kind for kind, repeats in self._kinds.items() if repeats.until <= now]:
            summary = self._kinds.pop(kind).summary()
            if summary is not None:
                # They may go on: counting starts over here.
                self._kinds[kind] = _Repeats(now + REPEATS_S)
                super().emit(summary)


class _Repeats:
    """Lines of one kind that were not written."""

    def __init__(self, until: float) -> None:
        self.until = until
        self._count = 0
        self._first: logging.LogRecord | None = None
        self._last: logging.LogRecord | None = None

    def count(self, record: logging.LogRecord) -> None:
        self._count += 1
        self._first, self._last = self._first or record, record

    def summary(self) -> logging.LogRecord | None:
        """One line for all of them, which says when the first and the last of them came; None if there are none."""
        if self._first is None or self._last is None:
            return None
        summary = copy.copy(self._last)
        summary.created = time.time()
        summary.msg, summary.args = f"{_first_line(summary)} … and {self._count:,} more like it", None
        summary.__dict__.update(about(**_fields(summary), first=_time(self._first), last=_time(self._last)))
        summary.exc_info = summary.exc_text = summary.stack_info = None
        return summary


def _kind(record: logging.LogRecord) -> Hashable:
    """Alike are lines with the same words about the same, and errors that were raised at the same place."""
    place: Hashable = None
    if record.exc_info and record.exc_info[0]:
        frames = traceback.extract_tb(record.exc_info[2])
        place = record.exc_info[0], (frames[-1].filename, frames[-1].lineno) if frames else None
    words = str(record.msg).partition("\n")[0]
    return record.name, record.levelno, words, json.dumps(_fields(record), default=str), place


def _first_line(record: logging.LogRecord) -> str:
    return record.getMessage().partition("\n")[0]


class TextLines(logging.Formatter):
    """`2026-01-31T12:00:00.000Z INFO run ended run=7Zk3mQ9xW2 status=finished`."""

    def format(self, record: logging.LogRecord) -> str:
        fields = "".join(f" {name}={_quoted(value)}" for name, value in _fields(record).items())
        line = f"{_time(record)} {record.levelname} {record.getMessage()}{fields}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class JSONLines(logging.Formatter):
    """One object a line: `time`, `level`, `logger`, `event`, and what it is about."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **_fields(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def _is_trouble(record: logging.LogRecord) -> bool:
    """A socket that is refused in its handshake is an answer like any other, and strangers can ask for many.

    A request that was under way when the server ended has been cancelled, as it should be.
    """
    if record.exc_info and record.exc_info[0] is asyncio.CancelledError:
        return False
    return record.getMessage() != "ASGI callable returned without completing handshake."


def _in_a_sentence(record: logging.LogRecord) -> bool:
    """A connection that was refused for want of files or memory is logged without asyncio's traceback."""
    problem = record.exc_info[1] if record.exc_info else None
    if isinstance(problem, OSError) and problem.errno in OUT_OF_RESOURCES:
        record.msg, record.args = f"{_first_line(record)}: {problem.strerror}", None
        record.exc_info = None
    return True


def _fields(record: logging.LogRecord) -> dict[str, object]:
    fields: dict[str, object] = getattr(record, "about", {})
    return fields


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _quoted(value: object) -> str:
    """As it is, or in quotation marks where the line could not be parsed again."""
    text = str(value)
    return text if text.isprintable() and not set(text) & set(' "=') and text else json.dumps(text)
