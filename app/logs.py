"""What the server logs: one line for each event, as text or as JSON, with the run it is about.

`configure` decides where all loggers of this process write. An event is logged by the standard library's `logging`,
with what it is about in `extra=about(…)`. Neither keys nor addresses of visitors belong there.
"""

import json
import logging
from datetime import UTC, datetime
from typing import Any, Literal

Format = Literal["text", "json"]
Level = Literal["debug", "info", "warning", "error"]


def configure(form: Format, level: Level) -> None:
    """Let what the server tells, of `level` and above, go to standard error in this form; trouble of libraries too."""
    handler = logging.StreamHandler()
    handler.setLevel(level.upper())
    handler.setFormatter(JSONLines() if form == "json" else TextLines())
    # What a library does when nothing is wrong is its own business.
    logging.basicConfig(level="WARNING", handlers=[handler], force=True)
    logging.getLogger("app").setLevel(level.upper())
    logging.getLogger("uvicorn.error").addFilter(_is_no_refusal)


def about(**fields: object) -> dict[str, Any]:
    """What an event is about, for `extra=`; what is None is left out."""
    return {"about": {name: value for name, value in fields.items() if value is not None}}


class TextLines(logging.Formatter):
    """`2026-01-31T12:00:00.000Z INFO run ended run=7Zk3mQ9xW2 status=finished`."""

    def format(self, record: logging.LogRecord) -> str:
        told = "".join(f" {name}={_quoted(value)}" for name, value in _fields(record).items())
        line = f"{_time(record)} {record.levelname} {record.getMessage()}{told}"
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


def _is_no_refusal(record: logging.LogRecord) -> bool:
    """A socket that is refused in its handshake is an answer like any other, and strangers can ask for many."""
    return record.getMessage() != "ASGI callable returned without completing handshake."


def _fields(record: logging.LogRecord) -> dict[str, object]:
    fields: dict[str, object] = getattr(record, "about", {})
    return fields


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _quoted(value: object) -> str:
    """As it is, or in quotation marks where a line could not be told apart again."""
    text = str(value)
    return text if text.isprintable() and not set(text) & set(' "=') and text else json.dumps(text)
