"""How much a visitor has to load before the page is there."""

import re

import httpx

from app.web.files import front_end

OWN_CODE_BYTES = 210_000
LOADED_BYTES = 150_000


async def test_the_pages_own_code_is_small_as_a_browser_gets_it(http: httpx.AsyncClient) -> None:
    scripts = front_end("static") / "js"
    own = [f"js/{file.relative_to(scripts).as_posix()}" for file in scripts.rglob("*.js")]
    own += [f"css/{file.name}" for file in (front_end("static") / "css").glob("*.css")]
    sizes = [len((await http.get(f"/static/{name}")).content) for name in own]

    assert sum(sizes) < OWN_CODE_BYTES


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


async def test_a_script_is_sent_made_small_and_known_again(http: httpx.AsyncClient) -> None:
    sent = await http.get("/static/js/main.js")

    assert "import" in sent.text
    assert "/**" not in sent.text
    assert sent.headers["content-type"].startswith("text/javascript")
    again = await http.get("/static/js/main.js", headers={"If-None-Match": sent.headers["etag"]})
    assert again.status_code == 304


async def test_a_library_keeps_its_licence(http: httpx.AsyncClient) -> None:
    assert "Permission is hereby granted" in (await http.get("/static/vendor/uPlot.esm.js")).text
