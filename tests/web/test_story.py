"""Every description of a run has its story, which matches the numbers a viewer has at the same moment."""

import numpy as np
from numpy.typing import NDArray

from app.config import RunConfig, SGDLane
from app.events import Frame, RunPaused, RunStarted
from app.report.story import emphasised_story, moments, story
from app.runs.history import Kind
from app.runs.run import Run
from app.web.described import described
from tests.scenes import measured
from tests.waiting import until_async
from tests.web.viewer import Viewer

SHORT = {"epochs": 3, "hidden": [16]}
ENDLESS = {"epochs": 100, "batch_size": 1, "hidden": [4]}


def story_of(viewer: Viewer) -> list[str]:
    """The story of the run as this viewer knows it."""
    return emphasised_story(viewer.run, *tables_of(viewer, Kind.EVALUATIONS, Kind.PUSH))


def tables_of(viewer: Viewer, *kinds: Kind) -> list[list[NDArray[np.float32]]]:
    return [[table.astype(np.float32) for table in viewer.rows[kind]] for kind in kinds]


async def test_every_message_has_the_story_of_the_evaluations_before_it(http, address):
    viewer = Viewer(address, (await http.post("/api/runs?paused=true&pace=100", json=SHORT)).json()["id"])
    told = []
    async with viewer.connect() as socket:
        await viewer.receive(socket)
        described = viewer.run
        await http.post(f"/api/runs/{described['id']}/resume")
        while await viewer.receive(socket):
            if viewer.run is not described:
                described = viewer.run
                assert described["story"] == story_of(viewer)
                told.append(described["story"])

    assert viewer.run["status"] == "finished"
    assert len({str(sentences) for sentences in told}) > 1


async def test_answers_have_the_same_story_as_the_stream(http, app, address):
    started = (await http.post("/api/runs?paused=true", json=ENDLESS)).json()
    path = f"/api/runs/{started['id']}"
    queued = (await http.post("/api/runs", json=ENDLESS)).json()
    assert queued["story"] == ["**This race is next.** It starts as soon as the one before it ends."]

    commanded = (await http.post(f"{path}/step")).json()
    assert commanded["story"][0].startswith("**Paused before the first batch.**")
    run = app.state.manager.get(started["id"])
    await until_async(lambda: run.history.end()[:2] == ((1, 1, 1), (1, 1, 1)), "each lane has made its batch")

    viewer = Viewer(address, started["id"])
    async with viewer.connect() as socket:
        while sum(table.shape[1] for table in viewer.rows[Kind.EVALUATIONS]) < 3:
            await viewer.receive(socket)
    run, plain = (await http.get(path)).json(), (await http.get(f"{path}/story")).json()
    assert run["story"] == viewer.run["story"] == story_of(viewer)
    assert plain["sentences"] == story(run, *tables_of(viewer, Kind.EVALUATIONS, Kind.PUSH))
    assert plain["text"] == " ".join(plain["sentences"])
    for run_id in (queued["id"], started["id"]):
        await http.post(f"/api/runs/{run_id}/stop")


async def test_a_replay_gets_its_moments(http, address):
    viewer = await Viewer(address, (await http.post("/api/runs", json=SHORT)).json()["id"]).watch(cursor=False)
    path = f"/api/runs/{viewer.run['id']}/story/moments"

    told = (await http.get(path)).json()["moments"]

    assert told == [moment._asdict() for moment in moments(viewer.run, *tables_of(viewer, *Kind))]
    assert len(told) > 10
    assert (await http.get(path)).json()["moments"] == told
    assert (await http.get("/api/runs/nothing/story/moments")).status_code == 404


def test_the_sentences_of_a_moment_are_made_once_for_all_who_ask():
    run = Run("a run", RunConfig(lanes=[SGDLane()]), np.zeros(10, np.uint8), per_epoch=937)
    run.apply(RunStarted("whole"))
    before = described(run)["story"]
    assert described(run)["story"] is before

    run.apply(measured(0, 0, 0.1))
    run.apply(Frame(0, 1, *np.ones((3, 1), np.float32)))
    run.apply(measured(0, 1, 0.5))
    assert described(run)["story"] == ["**SGD** is 50.00\u202f% correct on unseen digits."]

    run.apply(RunPaused())
    assert described(run)["story"][0].startswith("Paused after batch 1: ")
    run.apply(Frame(0, 2, *np.ones((3, 1), np.float32)))
    assert described(run)["story"][0].startswith("Paused after batch 2: ")
