"""The types of what the server sends (`static/js/*-types.d.ts`) against the OpenAPI document: fields and options."""

import re
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from app.web import protocol

SCRIPTS = Path(__file__).resolve().parents[3] / "static" / "js"
TYPES = "\n".join(file.read_text(encoding="utf-8") for file in sorted(SCRIPTS.glob("*-types.d.ts")))
# What the page calls a schema.
SCHEMAS = {
    "Run": "RunDescription",
    "Lane": "LaneDescription",
    "Reached": "Reached",
    "Answer": "Answer",
    "HardDigit": "HardDigit",
    "Capacity": "Capacity",
    "Config": "RunConfig",
    "Spread": "SpreadDescription",
    "SeedRange": "RangeDescription",
    "SweepCell": "CellDescription",
    "SweepPoint": "PointDescription",
    "SweepCurve": "CurveDescription",
    "RateMap": "RateMapDescription",
    "Plateau": "PlateauDescription",
    "Trial": "TrialDescription",
    "Verdict": "VerdictDescription",
    "Lesson": "LessonDescription",
    "LessonResult": "LessonResult",
}


@pytest.fixture
def schemas(app: FastAPI) -> dict[str, Any]:
    return app.openapi()["components"]["schemas"]


def lines(name: str, types: str) -> dict[str, str]:
    """Of each field, with a ? behind one that may be left out, its type."""
    body = re.search(rf"^interface {name} {{\n(.*?)^}}", types, re.DOTALL | re.MULTILINE)
    return dict(re.findall(r"^  (\w+\??): (.*);$", body[1], re.MULTILINE))


def interface(name: str, types: str) -> dict[str, tuple[bool, bool]]:
    """Of each field whether it is always there and whether it may be null."""
    fields = lines(name, types).items()
    return {field.rstrip("?"): (not field.endswith("?"), "null" in kind.split(" | ")) for field, kind in fields}


def described(schema: dict[str, Any]) -> dict[str, tuple[bool, bool]]:
    return {
        field: (field in schema.get("required", ()), {"type": "null"} in kind.get("anyOf", ()))
        for field, kind in schema["properties"].items()
    }


@pytest.mark.parametrize(("name", "schema"), SCHEMAS.items())
def test_the_page_knows_the_fields_that_the_server_answers(name: str, schema: str, schemas: dict[str, Any]) -> None:
    here, there = interface(name, TYPES), described(schemas[schema])

    assert set(here) == set(there)
    assert {field for field in here if here[field][1]} == {field for field in there if there[field][1]}
    # A request for a race may leave out every field with a default.
    if name != "Config":
        assert {field for field in here if here[field][0]} == {field for field in there if there[field][0]}


def listed(name: str, types: str) -> dict[str, list[str]]:
    """The values of each field that has a list of them, also where the list has a name of its own."""
    named = {alias: re.findall(r"'(\w+)'", kinds) for alias, kinds in re.findall(r"^type (\w+) =([^;]*);", types, re.M)}
    fields = {
        field.rstrip("?"): named.get(kind) or re.findall(r"'(\w+)'", kind) for field, kind in lines(name, types).items()
    }
    return {field: values for field, values in fields.items() if values}


def options(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, list[str]]:
    """The same in the document."""

    def of(kind: dict[str, Any]) -> list[str]:
        if "$ref" in kind:
            kind = schemas[kind["$ref"].rpartition("/")[2]]
        return kind.get("enum") or [value for inner in kind.get("anyOf", ()) for value in of(inner)]

    found = {field: of(kind) for field, kind in schema["properties"].items()}
    return {field: values for field, values in found.items() if values}


@pytest.mark.parametrize(("name", "schema"), [*SCHEMAS.items(), ("LaneConfig", "AdamLane")])
def test_the_page_knows_the_values_of_each_field(name: str, schema: str, schemas: dict[str, Any]) -> None:
    assert listed(name, TYPES) == options(schemas[schema], schemas)


def test_the_page_knows_why_a_stream_is_closed() -> None:
    channels = (SCRIPTS / "link" / "channels.js").read_text(encoding="utf-8")
    codes = dict(re.findall(r"^export const (\w+) = (\d+);$", channels, re.MULTILINE))

    for name in ("RUN_OVER", "TRY_LATER", "BAD_CURSOR", "NO_SUCH_RUN"):
        assert int(codes[name]) == getattr(protocol, name)


def test_a_field_that_may_be_null_on_one_side_alone_is_seen() -> None:
    types = "interface Lane {\n  reason: string;\n  silent_s?: number | null;\n}\n"

    assert interface("Lane", types) == {"reason": (True, False), "silent_s": (False, True)}
