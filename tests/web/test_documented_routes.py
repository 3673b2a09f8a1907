"""The documents name routes and close codes that the server has, and `docs/protocol.md` names all of them."""

import re
from collections.abc import Iterator

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from app.web import protocol
from tests.test_docs import CURRENT, ROOT

PROTOCOL = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
# Routes that `docs/protocol.md` leaves out: those that servers of one database call, and pages for people.
BETWEEN_SERVERS, PAGES = "api/servers", ("docs", "experiments", "how-it-works", "lessons", "runs", "static", "sweeps")

Path = tuple[str, ...]


def segments(path: str) -> Path:
    """Of a path, with `{}` for each parameter."""
    return tuple(re.sub(r"\{.*\}", "{}", part) for part in path.strip("/").split("/"))


def routes(app: FastAPI) -> set[Path]:
    return {segments(context.path) for context in iter_route_contexts(app.routes) if context.path.strip("/")}


def named(text: str) -> Iterator[Path]:
    """Each path in a code span, without its query, but not one that ends in a slash, which is no route."""
    for span in re.findall(r"`([^`\n]+)`", text):
        yield from map(segments, re.findall(r"(?:^|(?<= ))/[\w{}./-]*[\w}](?=[ ?]|$)", span))


def leads_to(path: Path, route: Path) -> bool:
    """A literal may stand for a parameter, as in `/api/experiments/pulls-ahead`."""
    pairs = zip(path, route, strict=False)
    return len(path) == len(route) and all(theirs in (ours, "{}") for ours, theirs in pairs)


def test_every_route_that_a_document_names_exists(app: FastAPI) -> None:
    known = routes(app)
    first_segments = {route[0] for route in known}
    unknown = {
        f"{document}: /{'/'.join(path)}"
        for document in CURRENT
        for path in named((ROOT / document).read_text(encoding="utf-8"))
        if path[0] in first_segments and not any(leads_to(path, route) for route in known)
    }

    assert unknown == set()


def test_the_protocol_names_every_route_but_pages(app: FastAPI) -> None:
    documented = set(named(PROTOCOL))
    missing = {"/".join(route) for route in routes(app) - documented}

    assert {
        path for path in missing if not path.startswith(BETWEEN_SERVERS) and path.split("/")[0] not in PAGES
    } == set()


def test_the_table_of_close_codes_is_that_of_the_server() -> None:
    documented = re.findall(r"^\| (\d{4}) \|", PROTOCOL, re.MULTILINE)

    assert list(map(int, documented)) == [
        protocol.RUN_OVER,
        protocol.COME_BACK,
        protocol.TRY_LATER,
        protocol.BAD_CURSOR,
        protocol.NO_SUCH_RUN,
    ]
