"""The page How it works as a browser first receives it: every rule, its lines of code, and what was compared."""

import html
import json
import re

import pytest

from app.report.mathml import statements
from app.runs.history import Kind
from app.training.optimizers import OPTIMIZERS
from tests.parity.table import read
from tests.waiting import until_async

LARGEST = 60_000


async def test_every_rule_is_there_with_its_formula_and_its_lines(http):
    page = (await http.get("/how-it-works")).text

    rules = dict(
        re.findall(r'<(?:article|details) class="panel" id="rule-(.*?)"(.*?)</(?:article|details)>', page, re.S)
    )
    assert set(rules) == set(OPTIMIZERS)
    for name, rule in OPTIMIZERS.items():
        shown = html.unescape(rules[name])
        assert rule.sentence in shown and rule.source in shown
        for statement in statements(rule.formula):
            assert html.unescape(statement) in shown
        code = re.sub("<.*?>", "", rules[name])
        assert "def move(self, theta: Floats, g: Floats)" in html.unescape(code)
    assert [name for name in rules if f'<article class="panel" id="rule-{name}"' in page] == ["sgd", "momentum", "adam"]


async def test_the_loop_is_shown_as_it_stands_in_the_source(http):
    page = html.unescape(re.sub("<.*?>", "", (await http.get("/how-it-works")).text))

    assert "for rows in batches(dataset.train_labels, config.batch_size, rng):" in page
    assert "optimizer.update(network.theta, g)" in page


async def test_every_rule_says_what_it_was_compared_with(http):
    page = (await http.get("/how-it-works")).text

    for row in read()["rules"].values():
        assert f'<th scope="row">{row["label"]}</th>' in page
        assert f"<code>{row['peer']}</code>" in page


async def test_the_page_needs_no_inline_script_or_style_and_is_small(http):
    answer = await http.get("/how-it-works")

    assert re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", answer.text) == [' type="application/json" id="bootstrap"']
    assert "style=" not in answer.text and "<style" not in answer.text
    async with http.stream("GET", "/how-it-works", headers={"Accept-Encoding": "gzip"}) as sent:
        assert sum([len(piece) async for piece in sent.aiter_raw()]) < LARGEST


@pytest.mark.parametrize("query", ["", "?rules=<script>", "?rules=lion"])
async def test_text_from_the_address_does_not_appear_in_the_page(http, query):
    assert (await http.get(f"/how-it-works{query}")).text == (await http.get("/how-it-works")).text


async def test_the_figures_get_the_recorded_batches(http):
    page = (await http.get("/how-it-works")).text
    data = json.loads(re.search(r'id="bootstrap">(.*?)</script>', page, re.S)[1])

    assert [lane["optimizer"] for lane in data["trace"]["lanes"]] == ["sgd", "momentum", "adam"]
    assert data["labels"]["schedulefree"] == "SF-AdamW"


async def test_the_page_names_the_address_that_each_visitor_used(http):
    for host in ("one.example", "other.example"):
        page = await http.get("/how-it-works", headers={"Host": host})
        assert f'content="http://{host}/how-it-works"' in page.text


def bootstrapped(page: str) -> dict:
    return json.loads(re.search(r'id="bootstrap">(.*?)</script>', page, re.S)[1])


async def test_the_first_updates_of_a_run_are_those_of_its_lanes(http, app):
    lanes = [
        {"optimizer": "lion"},
        {"optimizer": "adam"},
        {"optimizer": "sgd", "learning_rate": 0.1},
        {"optimizer": "sgd"},
    ]
    run = (await http.post("/api/runs", json={"lanes": lanes, "epochs": 1, "hidden": [16], "seed": 7})).json()["id"]
    await until_async(lambda: app.state.manager.get(run).status.final, "the race is over")

    page = (await http.get(f"/how-it-works?run={run}")).text

    told = bootstrapped(page)["update"]
    assert [lane["name"] for lane in told["lanes"]] == ["Adam", "SGD 0.1", "SGD 0.01"]
    assert [lane["numbers"]["η"] for lane in told["lanes"]] == [0.01, 0.1, 0.01]
    for lane, number in zip(told["lanes"], (1, 2, 3), strict=True):
        losses = app.state.manager.get(run).history.tables(Kind.METRICS)[number][0][:5]
        assert lane["losses"][:5] == pytest.approx(losses.tolist(), rel=1e-3)
    assert f'<a href="/runs/{run}">this run</a>' in page
    assert "are left out" in page and 'class="instead"' not in page


async def test_a_run_whose_updates_cannot_be_computed_again_says_so_and_shows_the_default_race(http):
    lion = {"lanes": [{"optimizer": "lion"}]}
    other = (await http.post("/api/runs?paused=true", json=lion)).json()["id"]
    for run, words in (("nothing", "There is no run"), (other, "no lane with SGD, Momentum or Adam")):
        page = (await http.get(f"/how-it-works?run={run}")).text
        assert words in page and "first 50 batches of the default race" in page
        assert "update" not in bootstrapped(page)
