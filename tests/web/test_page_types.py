"""The types of what the server sends (`static/js/server-types.d.ts`) against the OpenAPI document: fields and nulls."""

import re
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from app.web import protocol

TYPES = Path(__file__).resolve().parents[2] / "static" / "js" / "server-types.d.ts"
# What the page calls a schema.
SCHEMAS = {
    "Run": "RunDescription",
    "Lane": "LaneDescription",
    "Reached": "Reached",
    "Answer": "Answer",
    "HardDigit": "HardDigit",
    "Capacity": "Capacity",
    "Config": "RunConfig",
}
STATUSES = ["RunStatus", "LaneStatus"]


@pytest.fixture
def schemas(app: FastAPI) -> dict[str, Any]:
    return app.openapi()["components"]["schemas"]


def interface(name: str, types: str) -> dict[str, tuple[bool, bool]]:
    """Of each field whether it is always there and whether it may be null."""
    body = re.search(rf"^interface {name} {{\n(.*?)^}}", types, re.DOTALL | re.MULTILINE)
    fields = re.findall(r"^  (\w+)(\??): (.*);$", body[1], re.MULTILINE)
    return {field: (not optional, "null" in kind.split(" | ")) for field, optional, kind in fields}


def described(schema: dict[str, Any]) -> dict[str, tuple[bool, bool]]:
    return {
        field: (field in schema.get("required", ()), {"type": "null"} in kind.get("anyOf", ()))
        for field, kind in schema["properties"].items()
    }


@pytest.mark.parametrize(("name", "schema"), SCHEMAS.items())
def test_the_page_knows_the_fields_that_the_server_answers(name: str, schema: str, schemas: dict[str, Any]) -> None:
    here, there = interface(name, TYPES.read_text(encoding="utf-8")), described(schemas[schema])

    assert set(here) == set(there)
    assert {field for field in here if here[field][1]} == {field for field in there if there[field][1]}
    # Whoever asks for a race may leave out whatever has a default.
    if name != "Config":
        assert {field for field in here if here[field][0]} == {field for field in there if there[field][0]}


@pytest.mark.parametrize("name", STATUSES)
def test_the_page_knows_every_status(name: str, schemas: dict[str, Any]) -> None:
    values = re.search(rf"^type {name} =([^;]*);", TYPES.read_text(encoding="utf-8"), re.MULTILINE)

    assert re.findall(r"'(\w+)'", values[1]) == schemas[name]["enum"]


def test_the_page_knows_why_a_stream_is_closed() -> None:
    channels = (TYPES.parent / "link" / "channels.js").read_text(encoding="utf-8")
    codes = dict(re.findall(r"^export const (\w+) = (\d+);$", channels, re.MULTILINE))

    for name in ("RUN_OVER", "TRY_LATER", "BAD_CURSOR", "NO_SUCH_RUN"):
        assert int(codes[name]) == getattr(protocol, name)


def test_a_field_that_may_be_null_on_one_side_alone_is_seen() -> None:
    types = "interface Lane {\n  reason: string;\n  silent_s?: number | null;\n}\n"

    assert interface("Lane", types) == {"reason": (True, False), "silent_s": (False, True)}
