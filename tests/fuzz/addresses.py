"""Addresses that the page itself reads, in Node: a race that the server accepts, written and read again."""

import json
import re
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from app.choices import SETTINGS, VIEW, Choice
from app.config import RunConfig
from app.number_input import read_number, read_share, read_whole, read_widths
from app.web.pages import asks_for_settings
from tests.fuzz.kind import Kind
from tests.fuzz.queries import queries
from tests.fuzz.target import Target

AN_ID = re.compile(r"[\w-]+", re.ASCII)


def addresses(target: Target) -> Kind:
    paths = st.sampled_from(["/", "/", f"/runs/{target.run_id}", "/runs/a%2Fb", "/runs/%E0%A4%A", "/runs/%"])

    def send(given: tuple[str, str, str]) -> list[int]:
        path, query, other = given
        told = target.page.read("address", link=f"{path}?{query}", base=other)
        RunConfig.model_validate_json(json.dumps(told["config"]))
        for name, row in VIEW.items():
            assert _fits(row, told["view"][name]), f"{name}: {told['view'][name]!r} is none of its values"
        assert told["same_run"], "the address names another run"
        assert told["again"] == {"config": told["config"], "view": told["view"], "problems": []}, told["address"]
        asked = QueryParams(told["search"].removeprefix("?"))
        assert told["asks"] == asks_for_settings(asked), "page and server differ about whether it asks for anything"
        for name, row in [*SETTINGS.items(), *VIEW.items()]:
            if read := READ.get(row.kind):
                shown = (told["view"] if name in VIEW else told["config"])[name]
                _same(name, row, dict(reversed(asked.multi_items())), read, shown, told)
        return []

    return Kind("addresses on the page", st.tuples(paths, queries(), queries()), send, times=2)


def _same(name: str, row: Choice, asked: dict[str, str], read: "Read", shown: Any, told: dict[str, Any]) -> None:
    """That the page reads a value as the command line does, and says so of one that it leaves out."""
    if name not in asked:
        return
    try:
        meant = read(row, asked[name])
    except ValueError:
        meant = None
    if meant is not None and _fits(row, meant):
        assert shown == meant, f"{name}: the page reads {asked[name]!r} as {shown!r}, the command line as {meant!r}"
    elif asked[name].strip().lower() not in ("", "none", "full"):
        left = VIEW[name].default if name in VIEW else told["base"][name]
        assert shown == left, f"{name}: {asked[name]!r} is read as {shown!r}, and left out on the command line"
        assert any(row.label in problem for problem in told["problems"]), f"{name}: nothing is said of {asked[name]!r}"


Read = Callable[[Choice, str], Any]
READ: dict[str, Read] = {
    "number": lambda row, text: read_number(text, *(row.range or ())),
    "pace": lambda row, text: read_number(text, *(row.range or ())),
    "whole": lambda row, text: read_whole(text),
    "share": lambda row, text: read_share(text),
    "widths": lambda row, text: read_widths(text),
}


def _fits(row: Choice, value: Any) -> bool:
    low, high = row.range or (0, 0)
    fewest, most = row.length or (0, 1000)
    match row.kind:
        case "whole":
            return type(value) is int and low <= value <= high
        case "number":
            return type(value) in (int, float) and low <= value <= high
        case "share" | "pace":
            return value is None or (type(value) in (int, float) and low <= value <= high)
        case "option":
            return value in (row.options or ())
        case "widths":
            return fewest <= len(value) <= most and all(type(each) is int and low <= each <= high for each in value)
        case "names":
            some = row.length is None or fewest <= len(set(value)) == len(value) <= most
            return some and all(each in (row.options or ()) for each in value)
        case "ids":
            return fewest <= len(value) <= most and all(AN_ID.fullmatch(each) for each in value)
        case "flag":
            return type(value) is bool
        case kind:
            raise NotImplementedError(kind)
