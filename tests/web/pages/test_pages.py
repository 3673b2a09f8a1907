"""The pages as a browser first receives them."""

import json
import re
from urllib.parse import urljoin

import pytest

from app.config import limits
from app.training.optimizers import OPTIMIZERS
from app.web.experiments.routes import ARTICLE

DOCUMENTS = {f"/docs/{name}" for name in ("claims", "method", "parity")}
PAGES = {"/", "/docs", "/experiments", "/how-it-works", "/sweeps", *DOCUMENTS}


def bootstrap(html: str) -> dict:
    return json.loads(re.search(r'<script type="application/json" id="bootstrap">(.*?)</script>', html, re.S)[1])


async def test_the_front_page_carries_defaults_and_ranges(http):
    answer = await http.get("/")

    data = bootstrap(answer.text)
    assert answer.status_code == 200
    assert data["run_id"] is None
    assert data["config"]["learning_rate"] == 0.01
    assert data["settings"]["epochs"]["range"] == [1, 100]
    assert {name: data[name] for name in limits()} == json.loads(json.dumps(limits()))
    assert list(data["optimizers"]) == list(OPTIMIZERS), "in this order the page lists them"
    examples, wall = data["dataset"].pop("examples"), data["dataset"].pop("wall")
    assert data["dataset"] == {"name": "MNIST", "train": 2000, "test": 500, "quick": 500}
    assert [example["label"] for example in examples] == [2, 3, 5, 7, 8]
    assert wall == [label for label in range(10) for _ in range(10)], "the labels of /api/digits/wall"


async def test_the_front_page_names_test_digits_for_those_who_cannot_draw_one(http, few_digits):
    answer = await http.get("/")

    for example in bootstrap(answer.text)["dataset"]["examples"]:
        assert few_digits.test_labels[example["index"]] == example["label"]


async def test_a_run_has_its_own_address(http):
    run = (await http.post("/api/runs", json={"epochs": 1})).json()

    answer = await http.get(f"/runs/{run['id']}")

    assert answer.status_code == 200
    assert bootstrap(answer.text)["run_id"] == run["id"]


async def test_the_address_of_an_unknown_run_is_a_page_that_says_so(http):
    answer = await http.get("/runs/nosuchrun")

    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert 'href="/"' in answer.text


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_where_there_is_nothing_a_browser_is_shown_a_page(http, method):
    answer = await http.request(
        method, "/nothing/here", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    )

    assert answer.status_code == 404
    assert "Accept" in answer.headers["vary"].split(", ")
    assert answer.headers["content-type"].startswith("text/html")
    if method == "GET":
        assert "There is nothing at this address" in answer.text


@pytest.mark.parametrize(("path", "accept"), [("/nothing", "*/*"), ("/api/nothing", "text/html")])
async def test_at_an_unknown_address_programs_get_json(http, path, accept):
    answer = await http.get(path, headers={"Accept": accept})

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


async def test_an_address_cannot_put_markup_into_the_page(http):
    answer = await http.get("/runs/%3Cimg src=x onerror=alert(1)%3E")

    assert answer.headers["content-type"].startswith("text/html")
    assert "<img src=x" not in answer.text


@pytest.mark.parametrize(
    "path", ["/", "/how-it-works", "/runs/nosuchrun", "/healthz", "/readyz", "/metrics", "/api/runs/nosuchrun"]
)
async def test_previews_and_monitors_may_ask_with_head(http, path):
    assert (await http.head(path)).status_code == (await http.get(path)).status_code


@pytest.mark.parametrize(
    ("path", "needed"),
    [("/", "bundle/main-"), ("/how-it-works", "bundle/how-"), ("/docs", "vendor/swagger-ui-bundle.js")],
)
async def test_everything_a_page_names_is_there_and_comes_from_here(http, path, needed):
    html = (await http.get(path)).text
    names = set(re.findall(r'(?:src|href)="([^"]+)"', html)) - PAGES - {ARTICLE["address"]}

    assert any(name.startswith(f"/static/{needed}") for name in names)
    for name in names:
        if name.startswith("#"):
            assert f'id="{name[1:]}"' in html
            continue
        assert name.startswith("/static/")
        answer = await http.get(name)
        assert answer.status_code == 200, name
        # Browsers do not revalidate files that have their content's hash in their name.
        assert ("immutable" in answer.headers["cache-control"]) == ("/bundle/" in name)
        assert ("no-cache" in answer.headers["cache-control"]) == ("/bundle/" not in name)


async def test_what_the_page_loads_travels_compressed(http):
    page = await http.get("/")
    names = re.findall(r'"(/static/bundle/(?:main|page|early)-[^"]+)"', page.text)
    assert {name.rpartition(".")[2] for name in names} == {"js", "css"}
    for name in ("/", *names):
        assert (await http.get(name)).headers["content-encoding"] == "gzip"


async def test_every_module_is_preloaded(http):
    html = (await http.get("/")).text
    preloaded = set(re.findall(r'rel="modulepreload" href="([^"]+)"', html))

    assert any("/main-" in module for module in preloaded)
    for module in preloaded:
        source = (await http.get(module)).text
        for imported in re.findall(r'(?:from|import)"(\.[^"]+)"', source):
            assert urljoin(module, imported) in preloaded
