"""How much a visitor has to load before the page is there."""

import re

import httpx

from app.web.files import front_end, made_small

OWN_CODE_BYTES = 200_000
LOADED_BYTES = 150_000
SCRIPTS = sorted(file.name for file in (front_end("static") / "js").glob("*.js"))


async def test_the_pages_own_code_is_small_as_a_browser_gets_it(http: httpx.AsyncClient) -> None:
    sizes = [len((await http.get(f"/static/js/{name}")).content) for name in SCRIPTS]

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


def test_a_script_made_small_has_its_texts_as_they_are() -> None:
    source = """/** A module. */

import { a } from './a.js';

/**
 * @param {string} text /* as it is
 */
export const b = (text) => `${text ? `// ${text} passed ` : ''}  by`;
  // Only for readers.
  /** @type {{ x: number } | null} */ (a('/* not one */  ')).c();
/** @type {string[]} */
const d = /** @type {any} */ (b);
let e = a ? { x: -1 } : [0, 1 - +b];
"""

    assert (
        made_small(source)
        == """import { a } from './a.js';
export const b = (text) => `${text ? `// ${text} passed ` : ''}  by`;
(a('/* not one */  ')).c();
const d=(b);
let e=a?{x:-1}:[0,1 - +b];
"""
    )


def test_no_script_has_a_text_over_several_lines() -> None:
    for name in SCRIPTS:
        code = made_small((front_end("static") / "js" / name).read_text(encoding="utf-8"))
        assert [line for line in code.splitlines() if line.count("`") % 2] == [], name
