"""Lessons over HTTP: votes, what is hidden, the answer read from a run, and who may do what."""

import json
import re

import httpx
import pytest

from app.engine.inline import InlineEngine
from app.experiments.registry import all_experiments
from app.main import create_app
from app.settings import Settings
from app.web.admission.owner_key import HEADER
from tests.waiting import TIMEOUT_S
from tests.web.conftest import serving
from tests.web.viewer import Viewer, connect

RACE = {"hidden": [1]}


def browser(number: int) -> dict[str, str]:
    return {"X-Browser": f"browser-{number:04}"}


async def start(http, experiment="pulls-ahead"):
    answer = await http.post("/api/lessons", json={"experiment": experiment})
    assert answer.status_code == 201
    return answer.headers["location"], {HEADER: answer.headers[HEADER]}


async def vote(http, lesson, number, choice):
    return await http.put(f"{lesson}/vote", json={"choice": choice}, headers=browser(number))


@pytest.fixture
async def over(http, address):
    """The id of a race that is over."""
    run = (await http.post("/api/runs", json=RACE)).json()["id"]
    await Viewer(address, run).watch()
    return run


async def test_a_class_votes_and_the_answer_of_the_run_says_how_many_were_right(http, stranger, over):
    lesson, key = await start(http)
    told = (await http.get(lesson)).json()
    keys = [guess["key"] for guess in told["guesses"]]
    assert (told["status"], told["voters"], told["votes"], told["outcome"]) == ("voting", 0, None, None)

    for number, choice in enumerate([keys[0], keys[1], keys[1], keys[2]]):
        assert (await vote(stranger, lesson, number, choice)).status_code == 200
    changed = (await vote(stranger, lesson, 0, keys[1])).json()
    assert (changed["own_vote"], changed["voters"], changed["votes"]) == (keys[1], 4, None)
    assert (await stranger.get(lesson, headers=browser(3))).json()["own_vote"] == keys[2]

    shown = (await http.put(f"{lesson}/votes-shown", json={"shown": True}, headers=key)).json()
    assert shown["votes"] == {**dict.fromkeys(keys, 0), keys[1]: 3, keys[2]: 1}
    revealed = (await http.post(f"{lesson}/reveal", json={"kind": "run", "id": over}, headers=key)).json()

    expected = (await http.get("/api/experiments/pulls-ahead/answer", params={"run": over})).json()
    assert revealed["result"] == {"kind": "run", "id": over}
    assert revealed["outcome"] == {"choice": expected["choice"], "sentences": expected["sentences"]}
    assert revealed["right"] == (shown["votes"][expected["choice"]] if expected["choice"] else None)
    late = await vote(stranger, lesson, 5, keys[0])
    assert (late.status_code, late.json()["error"]["code"]) == (409, "voting_closed")


async def test_a_run_that_goes_on_is_answered_once_it_is_over(http, stranger, address):
    lesson, key = await start(http)
    run = (await http.post("/api/runs", json=RACE, params={"paused": True})).json()["id"]
    revealed = (await http.post(f"{lesson}/reveal", json={"kind": "run", "id": run}, headers=key)).json()
    assert (revealed["status"], revealed["outcome"], revealed["right"]) == ("revealed", None, None)

    await http.post(f"/api/runs/{run}/stop")
    await Viewer(address, run).watch()

    # It was stopped: it settles nothing.
    told = (await stranger.get(lesson)).json()
    assert told["outcome"]["choice"] is None
    assert told["right"] is None


async def test_an_experiment_of_many_trainings_is_answered_by_a_sweep(http, stranger, over, address):
    lesson, key = await start(http, "noise")
    await vote(stranger, lesson, 0, "64")
    runs = all_experiments()["noise"].runs
    asked = {"axes": dict(runs.axes), "config": {**runs.config, "hidden": [1]}}
    sweep = (await http.post("/api/sweeps", json=asked)).json()["id"]
    wrong = await http.post(f"{lesson}/reveal", json={"kind": "run", "id": over}, headers=key)
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (422, "invalid_config")
    assert "kind should be 'sweep'" in wrong.json()["error"]["message"]

    told = (await http.post(f"{lesson}/reveal", json={"kind": "sweep", "id": sweep}, headers=key)).json()
    assert told["status"] == "revealed"

    async with connect(f"ws://{address}/api/sweeps/{sweep}/stream") as socket:
        async for _ in socket:
            pass

    told = (await stranger.get(lesson)).json()
    assert "with batches of 8" in told["outcome"]["sentences"][0].replace("\u202f", " ")
    assert told["right"] == (int(told["outcome"]["choice"] == "64") if told["outcome"]["choice"] else None)


async def test_a_sweep_is_no_answer_before_its_trainings_on_fresh_seeds_are_over(http, app):
    """Runs that show how soon each optimizer reaches a mark."""
    first = (await http.post("/api/runs?paused=true", json=RACE)).json()["id"]
    runs = all_experiments()["one-dial"].runs
    asked = {"axes": dict(runs.axes), "config": dict(runs.config)}
    # It waits for the race, so that nothing but this test changes it.
    queued = (await http.post("/api/sweeps", json=asked)).json()["id"]
    sweep = app.state.manager.sweeps.get(queued)
    lesson, key = await start(http, "one-dial")
    await http.post(f"{lesson}/reveal", json={"kind": "sweep", "id": queued}, headers=key)

    sweep.train_again(sweep.grid.cells[:1])
    assert (await http.get(lesson)).json()["outcome"] is None

    await http.post(f"/api/sweeps/{queued}/stop")
    assert (await http.get(lesson)).json()["outcome"]["choice"] is None
    await http.post(f"/api/runs/{first}/stop")


@pytest.mark.parametrize("key", [{}, {HEADER: "another"}])
async def test_only_the_owner_shows_votes_and_reveals(http, stranger, over, key):
    lesson, _ = await start(http)

    shown = await stranger.put(f"{lesson}/votes-shown", json={"shown": True}, headers=key)
    revealed = await stranger.post(f"{lesson}/reveal", json={"kind": "run", "id": over}, headers=key)

    for answer in (shown, revealed):
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_yours")
        assert "Only the visitor who started lesson" in answer.json()["error"]["message"]
    assert (await stranger.get(lesson)).json()["status"] == "voting"


@pytest.mark.parametrize(
    ("headers", "choice", "words"),
    [
        ({}, "adam-stays", "X-Browser should be a random id"),
        ({"X-Browser": "short"}, "adam-stays", "X-Browser should be a random id"),
        (browser(1), "lion", "choice should be one of"),
        (browser(1), "a" * 100, "choice should"),
    ],
)
async def test_an_invalid_vote_is_refused_with_a_reason(http, headers, choice, words):
    lesson, _ = await start(http)

    answer = await http.put(f"{lesson}/vote", json={"choice": choice}, headers=headers)

    assert answer.status_code == 422
    assert words in answer.json()["error"]["message"]


async def test_an_unknown_lesson_is_answered_404(http):
    lesson, key = await start(http)
    answers = [
        await http.get("/api/lessons/none"),
        await http.put("/api/lessons/none/vote", json={"choice": "adam-stays"}, headers=browser(1)),
        await http.post("/api/lessons", json={"experiment": "none"}),
        await http.post(f"{lesson}/reveal", json={"kind": "run", "id": "none"}, headers=key),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4
    assert "lasts a few hours" in answers[0].json()["error"]["message"]
    assert "There is no experiment 'none'" in answers[2].json()["error"]["message"]
    page = await http.get("/lessons/none", headers={"Accept": "text/html"})
    assert page.status_code == 404
    assert "<h1>There is no such lesson here</h1>" in page.text


async def test_where_starting_takes_a_passphrase_so_does_a_lesson_and_voting_does_not(open_server):
    async with open_server(passphrase="seven green owls") as (http, _):
        refused = await http.post("/api/lessons", json={"experiment": "pulls-ahead"})
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "passphrase")
        words = {"X-Passphrase": "seven%20green%20owls"}
        started = await http.post("/api/lessons", json={"experiment": "pulls-ahead"}, headers=words)
        assert started.status_code == 201
        lesson = started.headers["location"]
        choice = started.json()["guesses"][0]["key"]
        assert (await vote(http, lesson, 1, choice)).status_code == 200


async def test_a_class_behind_one_address_watches_beyond_what_one_visitor_may(open_server):
    async with open_server(max_viewers_per_visitor=1) as (http, address):
        lesson, key = await start(http)
        run = (await http.post("/api/runs", json=RACE, params={"paused": True})).json()["id"]
        first, second, third = (Viewer(address, run) for _ in range(3))
        async with first.connect() as socket:
            assert await first.receive(socket)
            assert (await second.watch()).error["code"] == "too_many"
            await http.post(f"{lesson}/reveal", json={"kind": "run", "id": run}, headers=key)
            async with third.connect() as another:
                assert await third.receive(another)
                assert third.run["id"] == run


async def test_the_page_of_a_lesson_has_the_question_and_needs_no_more_to_vote(http):
    lesson, _ = await start(http)

    page = await http.get(lesson.removeprefix("/api"))

    assert page.status_code == 200
    assert (await http.get(lesson)).json()["question"].replace("'", "&#39;") in page.text
    assert "unsafe" not in page.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("experiment", "kind", "what", "words"),
    [
        ("noise", "sweep", {"axes": {"optimizer": ["sgd"], "learning_rate": [0.1]}}, "batch size 1, 8, 64, 512"),
        ("pulls-ahead", "run", {"lanes": [{"optimizer": "adam"}]}, "got optimizer Adam and 1 training"),
    ],
)
async def test_what_the_experiment_does_not_run_is_not_revealed(http, experiment, kind, what, words):
    lesson, key = await start(http, experiment)
    foreign = (await http.post(f"/api/{kind}s", json=what)).json()["id"]
    refused = await http.post(f"{lesson}/reveal", json={"kind": kind, "id": foreign}, headers=key)

    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "invalid_config")
    assert words in refused.json()["error"]["message"]
    told = await http.get(lesson)
    assert (told.status_code, told.json()["status"]) == (200, "voting")
    assert (await http.get(lesson.removeprefix("/api"))).status_code == 200
    await http.post(f"/api/{kind}s/{foreign}/stop")


@pytest.mark.slow
@pytest.mark.parametrize(("experiment", "kind"), [("pulls-ahead", "run"), ("noise", "sweep")])
async def test_a_recording_answers_at_once_and_its_answer_is_not_in_the_page_before(digits, experiment, kind):
    app = create_app(Settings(max_running=1), InlineEngine(digits), digits)
    async with serving(app) as address, httpx.AsyncClient(base_url=f"http://{address}", timeout=TIMEOUT_S) as http:
        lesson, key = await start(http, experiment)
        page = (await http.get(lesson.removeprefix("/api"))).text
        bootstrap = json.loads(re.search(r'id="bootstrap">(.*?)</script>', page)[1])

        shown = {"kind": kind, "id": bootstrap["recorded"]}
        told = (await http.post(f"{lesson}/reveal", json=shown, headers=key)).json()

    assert told["outcome"]["choice"] in [guess["key"] for guess in told["guesses"]]
    assert all(sentence not in json.dumps(bootstrap, ensure_ascii=False) for sentence in told["outcome"]["sentences"])
