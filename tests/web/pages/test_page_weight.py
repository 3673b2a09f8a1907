"""How much a visitor has to load before the page is there."""

import re
from pathlib import Path

import httpx

from app.web.bundle import bundled
from app.web.files import front_end

# Compressed, as sent: of the page with its scripts and styles, and of all its scripts and styles, later ones too.
LOADED_BYTES = 120_000
ALL_BYTES = 120_000
# Scripts and styles of pages that load none of those of the race.
OTHER_PAGES = ("embed", "experiments", "gallery", "how", "lesson", "not-found", "sweep-embed", "sweeps")


async def sent(http: httpx.AsyncClient, path: str) -> int:
    async with http.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.status_code == 200
        return sum([len(piece) async for piece in answer.aiter_raw()])


async def test_all_that_the_first_view_loads_is_small_as_it_is_sent(http: httpx.AsyncClient) -> None:
    page = await http.get("/")
    # The card is loaded where no script is.
    with_scripts = re.sub(r'<div class="no-script">.*?</div>', "", page.text, flags=re.DOTALL)
    named = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', with_scripts))
    assert {"early", "main", "page"} <= {Path(name).name.partition("-")[0] for name in named}

    assert sum([await sent(http, path) for path in ("/", "/api/digits/wall", *named)]) < LOADED_BYTES


async def test_all_that_the_page_may_ever_load_is_small(http: httpx.AsyncClient) -> None:
    own = {entry: names for entry, names in bundled(front_end("static")).items() if Path(entry).stem not in OTHER_PAGES}
    files = {name for names in own.values() for name in names}

    assert sum([await sent(http, f"/static/bundle/{name}") for name in files]) < ALL_BYTES


async def test_a_browser_keeps_what_it_has_loaded(http: httpx.AsyncClient) -> None:
    for name in re.findall(r'"(/static/bundle/[^"]+)"', (await http.get("/")).text):
        answer = await http.get(name)
        assert "immutable" in answer.headers["cache-control"]
        again = await http.get(name, headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304


async def test_scripts_are_sent_without_comments_but_with_the_licence_of_a_library(http: httpx.AsyncClient) -> None:
    scripts = re.findall(r'"modulepreload" href="([^"]+)"', (await http.get("/")).text)
    code = "".join([(await http.get(name)).text for name in scripts])

    assert "/**" not in code
    assert code.count("Permission is hereby granted") == 1
