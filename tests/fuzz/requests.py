"""Requests: those of the server's own description with what does not belong there, and bytes that are none."""

import json
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st

from app.choices import SWEEP
from app.config import RunConfig
from app.experiments.registry import all_experiments
from tests.fuzz.exchange import exchange, status_of
from tests.fuzz.kind import Kind
from tests.fuzz.target import Target

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
TEXT = st.text(max_size=40)
HEADERS = [
    "X-Owner-Key",
    "X-Browser",
    "X-Passphrase",
    "Origin",
    "Accept",
    "If-None-Match",
    "Range",
    "X-Forwarded-For",
    "Cookie",
]
LATIN = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=60).map(str.strip)


@st.composite
def configs(draw: st.DrawFn) -> Any:
    """A config as the page sends it, but for some of its fields."""
    config = RunConfig().model_dump() | {"epochs": 1, "hidden": [4]}
    for name in draw(st.lists(st.sampled_from([*config, "unknown"]), max_size=3)):
        config[name] = draw(JSON)
    if draw(st.booleans()):
        lane = draw(st.sampled_from(range(3)))
        lanes = config["lanes"]
        if isinstance(lanes, (list, tuple)) and len(lanes) > lane and isinstance(lanes[lane], dict):
            lanes[lane][draw(st.sampled_from([*lanes[lane], "unknown"]))] = draw(JSON)
    return config


def bodies(target: Target) -> st.SearchStrategy[Any]:
    """Of sweeps, lessons, votes and reveals, as the page sends them, but for some of their fields."""
    axes = st.dictionaries(
        st.sampled_from([*SWEEP, "unknown"]),
        st.lists(st.sampled_from(["sgd", "adam", 0.01, 0.1, 1, 2, 64, None, "x"]) | JSON, max_size=4) | JSON,
        max_size=4,
    )
    kind = st.sampled_from(["run", "sweep"]) | JSON
    guesses = [guess.key for each in all_experiments().values() for guess in each.guesses]
    return st.one_of(
        st.fixed_dictionaries({"axes": axes}, optional={"config": configs() | st.just({"epochs": 1, "hidden": [4]})}),
        st.fixed_dictionaries({"experiment": st.sampled_from(list(all_experiments())) | JSON}),
        st.fixed_dictionaries({"choice": st.sampled_from(guesses) | JSON}),
        st.fixed_dictionaries({"shown": st.booleans() | JSON}),
        st.fixed_dictionaries({"kind": kind, "id": st.sampled_from([target.run_id, target.sweep_id]) | JSON}),
    )


def described(target: Target) -> Kind:
    """Every operation of the OpenAPI document, with paths, queries, headers and bodies that fit it more or less."""

    names = st.sampled_from(target.parameters) | TEXT
    known = {
        "run_id": [target.run_id],
        "sweep_id": [target.sweep_id],
        "lesson_id": [target.lesson_id],
        "lane": ["0", "1"],
        "index": ["0", "1"],
        "name": list(all_experiments()),
    }
    # A key opens what is behind it, and a browser's own id makes a vote.
    values = LATIN | st.sampled_from([target.owner_key, "0123456789abcdef"])

    @st.composite
    def requests(draw: st.DrawFn) -> dict[str, Any]:
        method, path = draw(st.sampled_from(target.operations))
        for name in ("run_id", "sweep_id", "lesson_id", "lane", "index", "name"):
            value = draw(st.sampled_from(known[name]) | TEXT)
            path = path.replace(f"{{{name}}}", quote(value.encode(errors="replace"), safe=""))
        return {
            "method": method,
            "url": path,
            "params": draw(st.dictionaries(names, TEXT | st.integers().map(str), max_size=3)),
            "headers": draw(st.dictionaries(st.sampled_from(HEADERS), values, max_size=2)),
            "json": draw(configs() | bodies(target) | JSON)
            if method in ("POST", "PUT") and draw(st.booleans())
            else None,
            "content": draw(st.binary(max_size=900)),
        }

    def send(request: dict[str, Any]) -> list[int]:
        plain = {name: request[name] for name in ("method", "url")}
        params = {
            name.encode(errors="replace"): value.encode(errors="replace") for name, value in request["params"].items()
        }
        headers = [(name, value.encode("latin-1")) for name, value in request["headers"].items()]
        body = request["content"] if request["json"] is None else _encoded(request["json"])
        headers.append(("Content-Type", b"application/json"))
        return [target.http.request(**plain, params=params, headers=headers, content=body).status_code]

    return Kind("requests", requests(), send)


def _encoded(value: Any) -> bytes:
    return json.dumps(value).encode()


def raw(target: Target) -> Kind:
    """Bytes for the port: request lines, headers and chunks with something wrong, and anything else."""
    line = st.one_of(
        st.just(b"GET /healthz HTTP/1.1"),
        st.builds(
            lambda method, path, version: b" ".join([method, path, version]),
            st.sampled_from([b"GET", b"POST", b"PUT", b"OPTIONS", b"get", b"CONNECT"]) | st.binary(max_size=9),
            st.sampled_from([b"/", b"*", b"/api/runs", b"//", b"http://there/", b"/%00", b"/%ff%fe", b"/../../etc"])
            | st.binary(max_size=40),
            st.sampled_from([b"HTTP/1.1", b"HTTP/1.0", b"HTTP/2.0", b"HTTP/9"]) | st.binary(max_size=9),
        ),
        st.binary(max_size=60),
    )
    header = st.one_of(
        st.sampled_from(
            [
                b"Host: here", b"Content-Length: 5", b"Content-Length: -1", b"Transfer-Encoding: chunked",
                b"Transfer-Encoding: gzip", b"Expect: 100-continue", b"Connection: close", b"Connection: Upgrade",
                b"Upgrade: websocket", b"Upgrade: h2c", b"Sec-WebSocket-Version: 13", b"Sec-WebSocket-Version: 99",
                b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", b"Sec-WebSocket-Key: x", b"Content-Type: text/xml",
            ]
        ),
        st.builds(lambda name, value: name + b": " + value, st.binary(max_size=9), st.binary(max_size=40)),
        st.integers(1, 40_000).map(lambda length: b"X-Long: " + b"x" * length),
    )  # fmt: skip
    body = st.one_of(
        st.just(b""),
        st.binary(max_size=200),
        st.sampled_from([b"5\r\nhello\r\n0\r\n\r\n", b"0\r\n\r\n", b"zz\r\n", b"5;" + b"x" * 900 + b"\r\nhello\r\n"]),
        st.integers(1, 400).map(lambda times: b"1\r\nx\r\n" * times),
    )
    inputs = st.tuples(st.builds(_joined, line, st.lists(header, max_size=8)), body)

    def send(parts: tuple[bytes, bytes]) -> list[int]:
        return status_of(exchange(target.host, *filter(None, parts)))

    return Kind("bytes to the port", inputs, send)


def _joined(line: bytes, headers: list[bytes]) -> bytes:
    return b"\r\n".join([line, *headers, b"", b""])
