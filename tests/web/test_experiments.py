"""Experiments over HTTP: their list, and answers that follow from the runs."""

import re
from html import unescape
from io import BytesIO
from urllib.parse import unquote

import pytest
from PIL import Image

from app.experiments import article
from app.experiments.registry import all_experiments
from tests.waiting import until_async
from tests.web.pages.test_links import tags

SHORT = {"epochs": 2, "hidden": [16]}
SMALL = {"hidden": [1]}


async def test_all_experiments_are_described_with_the_articles_words_and_address(http):
    listed = (await http.get("/api/experiments")).json()["experiments"]

    assert [each["name"] for each in listed] == list(all_experiments())
    for each in listed:
        assert each["article"]["address"].startswith("https://dev.to/")
        assert (await http.get(f"/api/experiments/{each['name']}")).json() == each
        assert (each["axes"] is None) == (each["kind"] == "race")


async def test_a_claim_leads_to_its_own_words_in_the_article(http):
    for name, experiment in all_experiments().items():
        html = (await http.get(f"/experiments/{name}")).text
        [link, words] = re.search(r'<blockquote[^>]*><p><a href="(.*?)"[^>]*>“(.*?)”</a>', html).groups()
        address, _, ends = unescape(link).partition("#:~:text=")
        first, last = map(unquote, ends.split(","))

        assert (address, unescape(words)) == (article.ADDRESS, experiment.claim)
        assert experiment.claim.startswith(first) and experiment.claim.endswith(last)
        assert min(len(first.split()), len(last.split())) == 4
        # With a meaning of their own there.
        assert "-" not in ends


async def test_what_a_race_experiment_describes_can_be_raced(http):
    for name in ("pulls-ahead", "same-push", "train-longer"):
        config = (await http.get(f"/api/experiments/{name}")).json()["config"]
        started = await http.post("/api/runs?paused=true", json=config)
        assert started.status_code == 201
        await http.post(f"/api/runs/{started.json()['id']}/stop")


async def test_a_run_is_answered_from_its_own_numbers(http, app):
    trained = all_experiments()["train-longer"].runs.config.model_dump()
    run = (await http.post("/api/runs", json={**trained, **SMALL})).json()
    path = f"/api/runs/{run['id']}"
    for name in ("pulls-ahead", "same-push", "train-longer"):
        # While it is running, the answer contains what is known.
        assert (await http.get(f"/api/experiments/{name}/answer?run={run['id']}")).status_code == 200
    await until_async(lambda: app.state.manager.get(run["id"]).status.final, "the race is over")
    run = (await http.get(path)).json()

    answer = (await http.get(f"/api/experiments/train-longer/answer?run={run['id']}")).json()

    guesses = {each.key: each.label for each in all_experiments()["train-longer"].guesses}
    assert guesses[answer["choice"]] == answer["label"]
    assert f"{run['lanes'][0]['test_accuracy']:.2%}".replace("%", "\u202f%") in " ".join(answer["sentences"])


async def test_what_cannot_be_answered_gets_a_sentence(http):
    run = (await http.post("/api/runs?paused=true", json=SHORT)).json()["id"]
    for path, status, words in (
        ("nothing", 404, "there are every-example, pulls-ahead"),
        ("nothing/answer?run=x", 404, "there are every-example, pulls-ahead"),
        ("pulls-ahead/answer", 422, "add ?run= or ?sweep= and its id"),
        ("pulls-ahead/answer?run=x&sweep=y", 422, "add ?run= or ?sweep= and its id"),
        ("pulls-ahead/answer?run=nothing", 404, "There is no run 'nothing'"),
        (f"noise/answer?run={run}", 422, "is answered by a sweep"),
        ("noise/answer?sweep=nothing", 404, "There is no sweep 'nothing'"),
    ):
        answer = await http.get(f"/api/experiments/{path}")
        assert (answer.status_code, words in answer.json()["error"]["message"]) == (status, True), answer.text
    await http.post(f"/api/runs/{run}/stop")


@pytest.mark.parametrize("name", ["every-example", "one-dial", "noise"])
async def test_a_sweep_is_answered_from_its_own_numbers(http, app, name):
    runs = all_experiments()[name].runs
    axes = runs.axes_for(2000)
    started = (await http.post("/api/sweeps", json={"axes": axes, "config": {**runs.config, **SMALL}})).json()
    sweep = app.state.manager.sweeps.get(started["id"])
    await until_async(lambda: sweep.status.final, "the sweep is over")

    answer = (await http.get(f"/api/experiments/{name}/answer?sweep={sweep.id}")).json()

    guesses = {each.key: each.label for each in all_experiments()[name].guesses}
    assert answer["choice"] is None or guesses[answer["choice"]] == answer["label"]
    assert answer["sentences"]
    refused = await http.get(f"/api/experiments/pulls-ahead/answer?sweep={sweep.id}")
    assert "is answered by one run" in refused.json()["error"]["message"]


@pytest.mark.parametrize("name", ["every-example", "one-dial", "noise"])
async def test_a_sweep_that_the_experiment_does_not_run_settles_nothing(http, name):
    axes = {"optimizer": ["sgd", "momentum"], "schedule": ["constant", "cosine"]}
    sweep = (await http.post("/api/sweeps", json={"axes": axes, "config": {"epochs": 3}})).json()["id"]
    answered = await http.get(f"/api/experiments/{name}/answer?sweep={sweep}")
    await http.post(f"/api/sweeps/{sweep}/stop")

    assert answered.status_code == 200
    assert answered.json()["choice"] is None
    (sentence,) = answered.json()["sentences"]
    assert sentence.startswith(f"{all_experiments()[name].title!r} is answered only by what it runs: expected ")
    assert "got optimizer SGD, Momentum" in sentence or name == "noise"
    assert "other settings none, schedule cosine" in sentence


@pytest.mark.parametrize(
    ("name", "different", "words"),
    [
        ("pulls-ahead", {"lanes": [{"optimizer": "adam"}]}, "got optimizer Adam and 1 training."),
        ("pulls-ahead", {"epochs": 1}, "expected epochs 5; got epochs 1."),
        ("same-push", {"learning_rate": 0.1}, "expected learning rate 0.01; got learning rate 0.1."),
        ("train-longer", {}, "learning rate 0.001, epochs 30 and 1 training; got optimizer SGD"),
    ],
)
async def test_a_run_that_the_experiment_does_not_run_settles_nothing(http, name, different, words):
    run = (await http.post("/api/runs?paused=true", json=different)).json()["id"]
    answered = await http.get(f"/api/experiments/{name}/answer?run={run}")
    await http.post(f"/api/runs/{run}/stop")

    assert (answered.status_code, answered.json()["choice"]) == (200, None)
    (sentence,) = answered.json()["sentences"]
    assert words in sentence


async def test_a_link_to_an_experiment_is_previewed_with_its_question(http, address):
    for name, experiment in all_experiments().items():
        told = tags((await http.get(f"/experiments/{name}")).text)
        assert (told["og:title"], told["og:description"]) == (experiment.title, experiment.question)
        assert told["og:url"] == f"http://{address}/experiments/{name}"
        # Its own, with its question: a card of the result would answer before the guess.
        assert told["og:image"] == f"http://{address}/experiments/{name}/card.png"


async def test_the_card_of_an_experiment_is_a_picture_of_its_question(http):
    one, other = [await http.get(f"/experiments/{name}/card.png") for name in ("one-dial", "same-push")]

    assert Image.open(BytesIO(one.content)).size == (1200, 630)
    assert one.headers["cache-control"] == "public, max-age=86400"
    assert one.content != other.content
    assert (await http.get("/experiments/none/card.png")).status_code == 404


@pytest.mark.parametrize("path", ["/experiments", "/sweeps", "/how-it-works", "/docs/claims"])
async def test_a_link_to_a_page_without_a_result_is_previewed_too(http, address, path):
    told = tags((await http.get(path)).text)

    assert told["og:title"] and told["og:description"]
    assert (told["og:url"], told["og:image"]) == (f"http://{address}{path}", f"http://{address}/static/card.png")
