"""The documents that pages lead to, as pages."""

import re

import pytest

from app.web.how_it_works import DOCUMENTS
from tests.web.pages.test_page_weight import sent


@pytest.mark.parametrize(("name", "words"), DOCUMENTS.items())
async def test_a_document_is_a_page_with_its_title_and_whole_text(http, name, words):
    answer = await http.get(f"/docs/{name}")

    assert answer.status_code == 200
    assert f"<title>{words} · Optimizer Playground</title>" in answer.text
    assert answer.text.count("<h1>") == 1
    assert "](" not in answer.text and "|---" not in answer.text


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/how-it-works", DOCUMENTS),
        ("/experiments", ["claims"]),
        ("/experiments/noise", ["claims"]),
        ("/sweeps", ["method"]),
        ("/docs/claims", ["method"]),
    ],
)
async def test_pages_lead_to_them(http, path, names):
    page = (await http.get(path)).text

    assert [name for name in names if not re.search(rf'href="(/docs/)?{name}"', page)] == []


async def test_they_cost_little_and_the_front_page_nothing(http):
    assert max([await sent(http, f"/docs/{name}") for name in DOCUMENTS]) < 12_000
    assert not re.search(rf"/docs/({'|'.join(DOCUMENTS)})", (await http.get("/")).text)


async def test_an_unknown_document_is_not_found(http):
    assert (await http.get("/docs/none")).status_code == 404
