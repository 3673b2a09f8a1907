"""How much a visitor has to load before the page is there."""

import re
from pathlib import Path

import httpx

STATIC = Path(__file__).resolve().parents[2] / "static"
OWN_CODE_BYTES = 200_000
LOADED_BYTES = 150_000


def test_the_pages_own_code_stays_small() -> None:
    assert sum(file.stat().st_size for file in STATIC.rglob("js/**/*.js")) < OWN_CODE_BYTES


async def test_all_that_the_first_view_loads_is_small_as_it_is_sent(http: httpx.AsyncClient) -> None:
    page = await http.get("/")
    named = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text))
    assert {"/static/js/main.js", "/static/vendor/uPlot.esm.js"} <= named

    sent = 0
    for path in ["/", *named]:
        async with http.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as answer:
            assert answer.status_code == 200
            sent += sum([len(piece) async for piece in answer.aiter_raw()])

    assert sent < LOADED_BYTES
