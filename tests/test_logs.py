"""What an operator reads in the log: a line for each event, as text or JSON, and nothing about visitors."""

import json
import logging
import re
import signal
import sys
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from app.logs import MOST_KINDS, CountingHandler, JSONLines, TextLines, about
from tests.server_process import served, start_owned, start_racing
from tests.waiting import TIMEOUT_S, until


def record(message: str, at: float = 0, exc_info: object = None, **fields: object) -> logging.LogRecord:
    made = logging.LogRecord("app.some", logging.WARNING, __file__, 1, message, None, exc_info)
    made.__dict__.update(about(**fields))
    made.created = at
    return made


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, ""),
        ({"run": "7Zk3", "lane": 0}, " run=7Zk3 lane=0"),
        ({"reason": "Out of memory."}, ' reason="Out of memory."'),
        ({"reason": "two\nlines"}, ' reason="two\\nlines"'),
        ({"reason": ""}, ' reason=""'),
        ({"seconds": None}, ""),
    ],
)
def test_a_line_of_text_can_be_read_by_people_and_cut_at_spaces(fields, told):
    assert TextLines().format(record("lane failed", **fields)) == f"1970-01-01T00:00:00.000Z WARNING lane failed{told}"


def test_a_line_of_json_has_everything_by_name():
    assert json.loads(JSONLines().format(record("lane failed", run="7Zk3", lane=0))) == {
        "time": "1970-01-01T00:00:00.000Z",
        "level": "warning",
        "logger": "app.some",
        "event": "lane failed",
        "run": "7Zk3",
        "lane": 0,
    }


def test_a_fault_brings_its_traceback():
    try:
        raise RuntimeError("the cable is out")
    except RuntimeError:
        fault = record("Unexpected error", exc_info=sys.exc_info())

    assert TextLines().format(fault).endswith("RuntimeError: the cable is out")
    assert json.loads(JSONLines().format(fault))["exception"].endswith("RuntimeError: the cable is out")


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[CountingHandler]:
    """What is logged goes to its `stream`; a minute is over when a test says so."""
    handler = CountingHandler()
    handler.setStream(StringIO())
    handler.setFormatter(TextLines())
    yield handler
    handler.close()


def lines(handler: CountingHandler) -> list[str]:
    return [line.partition(" ")[2] for line in handler.stream.getvalue().splitlines()]


def raised(message: str) -> logging.LogRecord:
    try:
        raise RuntimeError(message)
    except RuntimeError:
        fault = record("Unexpected error", exc_info=sys.exc_info())
        fault.levelno, fault.levelname = logging.ERROR, "ERROR"
        return fault


def test_what_is_logged_again_within_a_minute_is_counted(log, monkeypatch):
    now = time.monotonic()
    monkeypatch.setattr("time.monotonic", lambda: now)
    for at in range(1235):
        log.handle(record("connection dropped", at, reason="viewer_flood"))
    log.handle(record("connection dropped", reason="too_many_connections"))
    now += 59
    log.log_repeats()
    before = lines(log)
    now += 1
    log.handle(record("connection dropped", reason="viewer_flood"))
    log.handle(record("connection dropped", reason="too_many_connections"))
    now += 60
    log.log_repeats()
    log.log_repeats()

    assert before == [
        "WARNING connection dropped reason=viewer_flood",
        "WARNING connection dropped reason=too_many_connections",
    ]
    assert lines(log)[2:] == [
        "WARNING connection dropped … and 1,234 more like it reason=viewer_flood "
        "first=1970-01-01T00:00:01.000Z last=1970-01-01T00:20:34.000Z",
        "WARNING connection dropped reason=too_many_connections",
        "WARNING connection dropped … and 1 more like it reason=viewer_flood "
        "first=1970-01-01T00:00:00.000Z last=1970-01-01T00:00:00.000Z",
    ]
    # A line has the time at which it is written.
    assert "\n1970-01-01T00:20:34.000Z WARNING connection dropped … and" not in log.stream.getvalue()


def test_of_the_same_fault_one_traceback_is_logged_and_another_fault_is_another(log):
    for count in range(3):
        log.handle(raised(f"cable {count} is out"))
    log.handle(record("Unexpected error"))
    log.close()

    assert log.stream.getvalue().count("Traceback") == 1
    assert [line for line in lines(log) if "Unexpected error" in line] == [
        "ERROR Unexpected error",
        "WARNING Unexpected error",
        "ERROR Unexpected error … and 2 more like it first=1970-01-01T00:00:00.000Z last=1970-01-01T00:00:00.000Z",
    ]


def test_lines_of_what_went_well_are_all_written(log):
    for run in ("one", "one", "two"):
        told = record("run started", run=run)
        told.levelno, told.levelname = logging.INFO, "INFO"
        log.handle(told)

    assert len(lines(log)) == 3


def test_words_of_strangers_do_not_fill_the_memory_of_the_log(log):
    for count in range(10_000):
        log.handle(record(f"no such thing as {count}"))
    log.close()

    assert len(lines(log)) == MOST_KINDS + 2


@pytest.mark.slow
def test_the_life_of_a_run_is_logged_with_its_id(monkeypatch, few_idx_files: Path, tmp_path: Path):
    monkeypatch.setenv("LOG_FORMAT", "json")
    monkeypatch.setenv("MAX_RUNNING", "1")
    monkeypatch.setenv("MAX_QUEUED", "1")
    with served(few_idx_files, tmp_path) as (process, address):
        racing, mine = start_owned(address)
        queued, refused = (httpx.post(f"{address}/api/runs", json={"epochs": 1}, timeout=TIMEOUT_S) for _ in range(2))
        httpx.post(f"{address}/api/runs/{racing}/stop", headers=mine, timeout=TIMEOUT_S)

        def over() -> bool:
            # Counted when it is logged, which is a moment after the page gets the message.
            told = httpx.get(f"{address}/metrics", timeout=TIMEOUT_S).text
            return 'playground_runs_ended_total{status="finished"} 1.0' in told

        until(over, "the second run is over")
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=TIMEOUT_S)

    assert refused.status_code == 503
    lines = [json.loads(line) for line in errors.splitlines()]
    told = [(line["event"], line.get("run")) for line in lines]
    second = queued.json()["id"]
    assert told == [
        ("server started", None),
        ("run started", racing),
        ("run queued", second),
        ("run ended", racing),
        ("run started", second),
        ("run ended", second),
        ("draining", None),
    ]
    ends = {line["run"]: line for line in lines if line["event"] == "run ended"}
    assert (ends[racing]["status"], ends[second]["status"]) == ("stopped", "finished")
    assert ends[second]["steps"] == 93
    assert ends[second]["seconds"] > 0


@pytest.mark.slow
def test_what_is_below_the_level_is_not_logged_and_visitors_never_are(monkeypatch, few_idx_files, tmp_path):
    monkeypatch.setenv("LOG_LEVEL", "debug")
    with served(few_idx_files, tmp_path) as (process, address):
        start_racing(address)
        process.send_signal(signal.SIGTERM)
        _, everything = process.communicate(timeout=TIMEOUT_S)
    monkeypatch.setenv("LOG_LEVEL", "error")
    with served(few_idx_files, tmp_path) as (process, address):
        start_racing(address)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=TIMEOUT_S)

    assert re.search(r" INFO run started run=\S+ lanes=sgd,momentum,adam epochs=100\n", everything)
    # But for the address of the server itself, in its first line.
    assert "127.0.0.1" not in everything.partition("\n")[2]
    assert errors == ""


@pytest.mark.slow
def test_a_server_logs_its_runs_and_not_its_libraries(few_idx_files: Path, tmp_path: Path):
    kept = {"DATABASE_URL": f"sqlite:///{tmp_path / 'runs.db'}"}
    with served(few_idx_files, tmp_path, **kept) as (process, address):
        run_id = httpx.post(f"{address}/api/runs", json={"epochs": 1, "hidden": [16]}, timeout=TIMEOUT_S).json()["id"]
        assert httpx.get(f"{address}/runs/{run_id}/card.png", timeout=TIMEOUT_S).status_code == 200
        run = f"{address}/api/runs/{run_id}"
        until(lambda: httpx.get(run, timeout=TIMEOUT_S).json()["status"] == "finished", "the run is over")
        # What is refused is an answer, and no event.
        for path in (f"/api/runs/{run_id}/stream", "/nowhere"):
            with pytest.raises(InvalidStatus):
                connect(address.replace("http", "ws", 1) + path, origin="https://evil.example", open_timeout=TIMEOUT_S)
        process.send_signal(signal.SIGTERM)
        lines = process.stderr.read().splitlines()

    events = [re.match(r"\S+ [A-Z]+ ([a-z ]+?)(?: \w+=|$)", line) for line in lines]
    assert all(events), lines
    assert {"run started", "run ended"} <= {event[1] for event in events}
