"""What the page finds in a browser's storage, in Node: of others, damaged, in a storage that is full or forbidden."""

import json
import re
from typing import Any

from hypothesis import strategies as st

from app.web.admission.visitor import AN_ID
from tests.fuzz.kind import Kind
from tests.fuzz.target import Target

NAMES = [
    "browser",
    "teacher-key",
    "passphrase",
    "passphrase-offered",
    "owner-keys",
    "runs",
    "theme",
    "instruments",
    "stage",
]
PREFIX = "optimizer-playground."
KEY = re.compile(r"[\x21-\x7e]{1,200}")
ID = re.compile(r"[\w-]{1,64}", re.ASCII)
# A header with more is refused by many a proxy.
LONGEST_HEADER = 8000

IDS = st.integers(0, 2**40).map("run-{:x}".format)
KEYS = st.integers(0, 2**40).map("key-{:x}".format)
ODD = st.none() | st.integers() | st.floats() | st.text(max_size=9) | st.sampled_from([[], {}, True, "x" * 600, 1e300])
RUN = st.fixed_dictionaries({"id": IDS | ODD, "label": st.text(max_size=9) | ODD, "at": st.integers(0, 2**42) | ODD})
# JSON that is nearly what the page writes.
LIKE_OURS = st.lists(RUN | ODD, max_size=4) | st.dictionaries(IDS | st.text(max_size=9), KEYS | ODD, max_size=4)
MANY = st.integers(0, 300).map(
    lambda count: [{"id": f"run-{each}", "label": "SGD", "at": each} for each in range(count)]
)


def values() -> st.SearchStrategy[str]:
    return st.one_of(
        (LIKE_OURS | MANY | ODD).map(json.dumps),
        st.text(max_size=60),
        st.sampled_from(
            ["dark", "open", "system", "closed", "push,draw", "null", "pink", "\ud800", "{broken", "0123456789abcdef"]
        ),
        st.integers(1, 9000).map(lambda length: "é" * length),
        KEYS,
    )


def kept(target: Target) -> Kind:
    inputs = st.fixed_dictionaries(
        {
            "kept": st.dictionaries(st.sampled_from([PREFIX + name for name in NAMES] + NAMES), values(), max_size=6),
            "broken": st.sampled_from(["", "", "", "full", "forbidden"]),
            "hash": st.lists(
                st.builds("{}={}".format, st.sampled_from(["token", "teacher", "x"]), values()), max_size=2
            ).map("&".join),
            "classroom": st.booleans(),
            "id": IDS,
            "key": KEYS,
            "words": st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40),
        }
    )

    def send(given: dict[str, Any]) -> list[int]:
        told = target.page.read("kept", **given)
        for name, header in told["headers"].items():
            assert re.fullmatch(r"[\x21-\x7e]*", header), f"{name} is no header: {header!r}"
            assert len(header) <= LONGEST_HEADER, f"{name} is too long for a header"
        assert bool(AN_ID.fullmatch(told["browser"])) == given["classroom"]
        assert len(told["listed"]) <= 12
        assert (told["key"], told["runs"][0], told["said"]) == (given["key"], given["id"], given["words"])
        assert told["forgotten"]
        after = told["after"]
        assert [name for name in NAMES if after.get(name) != given["kept"].get(name)] == [], (
            "another program's are changed"
        )
        if not given["broken"]:
            for name in NAMES:
                _healed(name, given["kept"].get(PREFIX + name), after.get(PREFIX + name), given)
        return []

    return Kind("what a browser keeps", inputs, send, times=2)


def _healed(name: str, before: str | None, after: str | None, given: dict[str, Any]) -> None:
    """That there is nothing any more that the page has not written, and that what it had written has stayed."""
    match name:
        case "owner-keys":
            whole = {id: key for id, key in _json(before, dict).items() if isinstance(key, str) and KEY.fullmatch(key)}
            assert json.loads(after or "") == {**whole, given["id"]: given["key"]}
        case "runs":
            listed = json.loads(after or "")
            assert 1 <= len(listed) <= 12
            for run in listed:
                assert set(run) >= {"id", "label", "at"} and ID.fullmatch(run["id"]) and len(run["label"]) <= 500
        case "browser":
            assert after is None if not given["classroom"] else AN_ID.fullmatch(after or "")
        case "teacher-key" | "passphrase" | "passphrase-offered":
            assert after is None or (0 < len(after) <= 500 and not re.fullmatch("[\ud800-\udfff]+", after))
        case "theme":
            assert after in (None, "system", "light", "dark")
        case "instruments":
            assert after in (None, "open", "closed")
        case "stage":
            assert after is None or re.fullmatch("[a-z-]+,[a-z-]+", after)


def _json(text: str | None, kind: type) -> Any:
    try:
        value = json.loads(text or "null")
    except ValueError:
        return kind()
    return value if isinstance(value, kind) else kind()
