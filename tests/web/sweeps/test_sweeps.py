"""Sweeps over HTTP: started, looked at, stopped, refused."""

import csv
import io
import math
import re
from html import unescape

import httpx
import pyarrow.parquet as pq
import pytest

from tests.waiting import until_async
from tests.web.pages.test_links import tags

SMALL = {"epochs": 1, "hidden": [8], "batch_size": 100}
ENDLESS = {"epochs": 100, "batch_size": 1, "hidden": [8]}
JSON = {"Content-Type": "application/json"}
ONE = {"optimizer": ["sgd"]}
AXES = {"optimizer": ["sgd", "adam"], "learning_rate": [0.01, 0.1]}


async def start(http: httpx.AsyncClient, axes: dict = AXES, **config) -> dict:
    answer = await http.post("/api/sweeps", json={"axes": axes, "config": {**SMALL, **config}})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def over(app, sweep_id: str) -> None:
    sweep = app.state.manager.sweeps.get(sweep_id)
    await until_async(lambda: sweep.status.final, "the sweep is over")


async def test_a_sweep_is_trained_to_its_verdict(app, http):
    answer = await http.post("/api/sweeps", json={"axes": AXES, "config": SMALL})

    assert answer.status_code == 201
    started = answer.json()
    assert answer.headers["location"] == f"/api/sweeps/{started['id']}"
    assert [cell["status"] for cell in started["cells"]].count("waiting") >= 2
    await over(app, started["id"])
    sweep = (await http.get(answer.headers["location"])).json()
    assert (sweep["status"], sweep["phase"], sweep["done"]) == ("finished", "fresh seeds", sweep["total"])
    assert {cell["status"] for cell in sweep["cells"]} == {"finished"}
    assert [curve["name"] for curve in sweep["curves"]] == ["SGD", "Adam"]
    assert [[point["learning_rate"] for point in curve["points"]] for curve in sweep["curves"]] == [[0.01, 0.1]] * 2
    for cell in sweep["cells"]:
        point = next(
            point
            for point in sweep["curves"][cell["curve"]]["points"]
            if point["learning_rate"] == cell["learning_rate"]
        )
        assert point["accuracy"]["mean"] == cell["test_accuracy"] == cell["evaluations"][-1][3]
        assert cell["evaluations"][-1][:2] == [cell["steps"], 1.0]
    # Each at its best rate and at the one it comes with, from a seed that the grid has not seen.
    assert {cell["at"]["seed"] for cell in sweep["fresh"]} == {43}
    assert [verdict["name"] for verdict in sweep["verdicts"]] == ["SGD", "Adam"]
    assert "Each at its best of " in sweep["sentences"][0]


async def test_a_cell_is_a_run_that_can_be_watched_and_that_no_one_commands(app, http):
    sweep = await start(http)
    await over(app, sweep["id"])
    cell = (await http.get(f"/api/sweeps/{sweep['id']}")).json()["cells"][3]

    run = (await http.get(f"/api/runs/{cell['run']}")).json()

    assert (run["sweep"], run["status"]) == (sweep["id"], "finished")
    assert (run["config"], run["lanes"][0]["test_accuracy"]) == (cell["config"], cell["test_accuracy"])
    refused = await http.post(f"/api/runs/{cell['run']}/stop", headers={"X-Owner-Key": "any"})
    assert refused.status_code == 403
    assert f"belongs to sweep {sweep['id']}" in refused.json()["error"]["message"]


async def test_the_same_grid_has_the_same_numbers(app, http):
    told = []
    for _ in range(2):
        sweep = await start(http)
        await over(app, sweep["id"])
        told.append((await http.get(f"/api/sweeps/{sweep['id']}")).json())

    def numbers(sweep: dict) -> list:
        measured = [[cell["at"], cell["test_accuracy"], cell["test_loss"]] for cell in sweep["cells"] + sweep["fresh"]]
        return [measured, sweep["sentences"]]

    assert numbers(told[0]) == numbers(told[1])


async def test_a_stopped_sweep_keeps_what_has_come_out_and_gives_its_place_back(app, http):
    # In this order the short ones come first.
    sweep = await start(http, {"batch_size": [500, 1], "learning_rate": [0.1, 0.01]}, epochs=100)
    live = app.state.manager.sweeps.get(sweep["id"])
    await until_async(lambda: any(each.over for each in live.cells), "a training is over")
    waiting = (await http.post("/api/runs", json=SMALL)).json()
    assert waiting["status"] == "queued"

    answer = await http.post(f"/api/sweeps/{sweep['id']}/stop")
    await over(app, sweep["id"])

    assert (answer.status_code, answer.json()["status"]) == (202, "stopping")
    stopped = (await http.post(f"/api/sweeps/{sweep['id']}/stop")).json()
    assert (stopped["status"], stopped["stopped_by"]) == ("stopped", "owner")
    statuses = [cell["status"] for cell in stopped["cells"]]
    assert "finished" in statuses
    assert set(statuses) <= {"finished", "stopped", "waiting"}
    assert stopped["sentences"]
    queue = app.state.manager.queue
    await until_async(lambda: not queue.queued, "the next race has the place")


async def test_only_its_owner_stops_a_sweep(http, stranger):
    sweep = await start(http, ONE, **ENDLESS)

    refused = await stranger.post(f"/api/sweeps/{sweep['id']}/stop")

    assert refused.status_code == 403
    assert refused.json()["error"]["code"] == "not_yours"
    assert (await http.post(f"/api/sweeps/{sweep['id']}/stop")).status_code == 202


async def test_a_sweep_takes_one_place_and_waits_its_turn(app, http):
    racing = (await http.post("/api/runs", json=ENDLESS)).json()

    sweep = await start(http)

    assert (sweep["status"], sweep["position"]) == ("queued", 1)
    await http.post(f"/api/runs/{racing['id']}/stop")
    await over(app, sweep["id"])
    assert (await http.get(f"/api/sweeps/{sweep['id']}")).json()["status"] == "finished"


async def test_a_sweep_counts_as_a_start_and_as_a_run_of_its_visitor(open_server):
    async with open_server(max_runs_per_visitor=1, starts_per_minute=2) as (http, _):
        sweep = await start(http, ONE, **ENDLESS)
        refused = await http.post("/api/sweeps", json={"axes": AXES, "config": SMALL})
        assert (refused.status_code, refused.json()["error"]["limit"]) == (429, "runs")
        await http.post(f"/api/sweeps/{sweep['id']}/stop")
        queued = await http.post("/api/runs", json=SMALL)
        while queued.status_code == 429:
            queued = await http.post("/api/runs", json=SMALL)
        refused = await http.post("/api/sweeps", json={"axes": AXES, "config": SMALL})
        assert (refused.status_code, refused.json()["error"]["limit"]) == (429, "starts")


async def test_its_files_say_what_the_sweep_says(app, http):
    sweep = await start(http, {**AXES, "hidden": [[8], [4, 4]]})
    path = f"/api/sweeps/{sweep['id']}"
    early = list(csv.DictReader(io.StringIO((await http.get(f"{path}/cells.csv")).text)))
    await over(app, sweep["id"])

    told = (await http.get(path)).json()
    answer = await http.get(f"{path}/cells.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    commas = (await http.get(f"{path}/cells.csv?decimal=comma")).text
    table = pq.read_table(io.BytesIO((await http.get(f"{path}/cells.parquet")).content)).to_pylist()
    whole = await http.get(f"{path}/sweep.json")

    assert answer.headers["content-disposition"] == f'attachment; filename="{sweep["id"]}-cells.csv"'
    assert len(early) == 8
    trainings = [("grid", cell) for cell in told["cells"]] + [("fresh seeds", cell) for cell in told["fresh"]]
    assert [(row["phase"], float(row["test_accuracy"])) for row in rows] == [
        (phase, cell["test_accuracy"]) for phase, cell in trainings
    ]
    assert [row["hidden"] for row in rows[:2]] == ["8", "4-4"]
    assert commas.replace(";", "|").replace(",", ".").replace("|", ",") == answer.text
    assert [{name: str(row[name]) for name in ("phase", "seed", "optimizer", "status", "hidden")} for row in table] == [
        {name: row[name] for name in ("phase", "seed", "optimizer", "status", "hidden")} for row in rows
    ]
    assert [(row["learning_rate"], row["test_loss"]) for row in table] == [
        (cell["learning_rate"], cell["test_loss"]) for _, cell in trainings
    ]
    assert whole.json() == told


async def test_what_is_not_there_yet_is_not_a_number_in_parquet_and_empty_in_csv(http):
    await http.post("/api/runs", json=ENDLESS)
    sweep = await start(http)

    file = await http.get(f"/api/sweeps/{sweep['id']}/cells.parquet")
    text = (await http.get(f"/api/sweeps/{sweep['id']}/cells.csv")).text

    assert all(math.isnan(row["test_accuracy"]) for row in pq.read_table(io.BytesIO(file.content)).to_pylist())
    assert text.splitlines()[1] == "grid,42,sgd,0.01,waiting,0,0,,,,"


async def test_its_card_is_drawn_anew_when_it_is_over_and_kept_then(app, http):
    racing = (await http.post("/api/runs", json=ENDLESS)).json()
    sweep = await start(http)

    early = await http.get(f"/sweeps/{sweep['id']}/card.png")
    await http.post(f"/api/runs/{racing['id']}/stop")
    await over(app, sweep["id"])
    late, again = [await http.get(f"/sweeps/{sweep['id']}/card.png") for _ in range(2)]

    assert early.headers["cache-control"] == "public, max-age=30"
    assert late.headers["cache-control"] == "public, max-age=86400"
    assert late.content.startswith(b"\x89PNG")
    assert early.content != late.content == again.content


async def test_a_link_to_a_sweep_unfurls_with_what_came_out(app, http, address):
    sweep = await start(http)
    await over(app, sweep["id"])

    told = tags((await http.get(f"/sweeps/{sweep['id']}")).text)

    sentences = (await http.get(f"/api/sweeps/{sweep['id']}")).json()["sentences"]
    assert told["og:title"] == sentences[0].rstrip(".")
    assert told["og:description"].startswith("4 trainings, one seed; ")
    assert told["og:description"].endswith(sentences[-1])
    assert told["og:image"] == f"http://{address}/sweeps/{sweep['id']}/card.png"
    assert (await http.get(told["og:image"])).headers["content-type"] == "image/png"


@pytest.mark.parametrize("below", ["", "embed/"])
async def test_a_sweep_is_embedded_from_its_link_alone(http, address, below):
    sweep = await start(http)
    page = (await http.get(f"/sweeps/{sweep['id']}")).text
    discovered = unescape(re.search(r'<link rel="alternate" type="application/json\+oembed" href="(.*?)"', page)[1])

    told = (await http.get(discovered)).json()
    same = (await http.get("/oembed", params={"url": f"http://{address}/{below}sweeps/{sweep['id']}"})).json()

    assert told == same
    assert f'<iframe src="http://{address}/embed/sweeps/{sweep["id"]}" width="800" height="600"' in told["html"]
    assert told["title"] == tags(page)["og:title"]
    assert told["thumbnail_url"] == f"http://{address}/sweeps/{sweep['id']}/card.png"
    assert (told["thumbnail_width"], told["thumbnail_height"]) == (1200, 675)


async def test_a_sweep_may_be_shown_in_any_frame_with_its_picture_alone(http):
    sweep = await start(http)

    framed = await http.get(f"/embed/sweeps/{sweep['id']}")

    assert "frame-ancestors *" in framed.headers["content-security-policy"]
    assert 'data-part="view"' in framed.text
    assert "<nav" not in framed.text and "<button" not in framed.text
    gone = await http.get("/embed/sweeps/none", headers={"Accept": "text/html"})
    assert (gone.status_code, 'target="_blank"' in gone.text) == (404, True)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "axes is missing"),
        ({"axes": {}}, "A sweep needs at least one axis"),
        ({"axes": {"learning_rate": []}}, "at least one value for learning_rate; there is none"),
        ({"axes": {"learning_rate": [0]}}, "learning_rate should be greater than or equal to 0.000001; got 0"),
        ({"axes": {"learning_rate": [0.1, 0.1]}}, "0.1 is there twice"),
        ({"axes": {"learning_rate": ["0.1"]}}, "learning_rate should be a valid number; got '0.1'"),
        ({"axes": {"learning_rate": 0.1}}, "axes.learning_rate should be a valid list"),
        ({"axes": {"optimizer": [{"name": "sgd"}]}}, "optimizer should be 'sgd', "),
        ({"axes": {"speed": [1]}}, "'speed' is none of them"),
        ({"axes": {"seed": list(range(2000))}}, "At most 1,000 seeds fit."),
        ({"axes": {"seed": [1]}, "config": {"epoch": 1}}, "epoch: there is no such field"),
        ({"axes": {"seed": [1]}, "config": {"lanes": []}}, "name optimizers on the axis optimizer"),
        ({"axes": {"seed": [1]}, "config": {"target_accuracy": 0.9}}, "have no target_accuracy"),
        ({"axes": {"seed": [1]}, "speed": 1}, "speed: there is no such field"),
    ],
)
async def test_a_grid_that_cannot_be_is_refused_with_a_sentence(http, body, message):
    refused = await http.post("/api/sweeps", json=body)

    assert refused.status_code == 422
    assert refused.json()["error"]["code"] == "invalid_config"
    assert message in refused.json()["error"]["message"]


async def test_a_rate_that_is_no_number_is_refused_with_a_sentence(http):
    refused = await http.post("/api/sweeps", content='{"axes": {"learning_rate": [NaN]}}', headers=JSON)

    assert refused.status_code == 422
    assert "learning_rate should be" in refused.json()["error"]["message"]


@pytest.mark.parametrize(("setting", "most"), [("max_work", 3.5e7), ("max_steps", 26)])
async def test_a_grid_over_the_limit_is_refused_with_the_largest_that_fits(open_server, setting, most):
    axes = {"learning_rate": [0.001, 0.01, 0.1, 0.2, 0.3], "seed": [1]}
    async with open_server(**{setting: most}) as (http, _):
        refused = await http.post("/api/sweeps", json={"axes": axes, "config": SMALL})
        message = refused.json()["error"]["message"]
        [many] = re.findall(r"With these seeds, (\d+) learning rates? fits?\.", message)
        fits = int(many)
        rates = axes["learning_rate"]
        smaller = [
            await http.post("/api/sweeps", json={"axes": {**axes, "learning_rate": rates[:n]}, "config": SMALL})
            for n in (fits, fits + 1)
        ]

    assert refused.status_code == 422
    assert "5 trainings" in message
    assert [answer.status_code for answer in smaller] == [201, 422]


async def test_an_unknown_sweep_is_answered_404(http):
    missing = await http.get("/api/sweeps/none")

    assert missing.status_code == 404
    assert missing.json()["error"]["message"].startswith("There is no sweep 'none' on this server.")
