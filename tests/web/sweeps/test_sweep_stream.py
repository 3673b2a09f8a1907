"""The stream of a sweep: all that changes, once and in order, from any cursor on, until it is over."""

import json
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from app.web.protocol import BAD_CURSOR, NO_SUCH_RUN, RUN_OVER, TRY_LATER
from tests.waiting import until_async
from tests.web.sweeps.test_sweeps import ENDLESS, ONE, over, start
from tests.web.viewer import connect


class SweepViewer:
    """Folds what a stream says, written from docs/protocol.md alone."""

    def __init__(self, address: str, sweep_id: str) -> None:
        self.url = f"ws://{address}/api/sweeps/{sweep_id}/stream"
        self.sweep: dict[str, Any] = {}
        self.cells: dict[str, dict[str, dict]] = {"cells": {}, "fresh": {}}
        self.cursor: int | None = None
        self.messages: list[dict] = []
        self.close_code: int | None = None

    def connect(self) -> Any:
        return connect(self.url if self.cursor is None else f"{self.url}?cursor={self.cursor}")

    async def watch(self, messages: int | None = None) -> None:
        """To the end, or for so many messages."""
        async with self.connect() as socket:
            try:
                while messages is None or len(self.messages) < messages:
                    self.take(json.loads(await socket.recv()))
            except ConnectionClosed as closed:
                self.close_code = closed.rcvd.code

    def take(self, message: dict) -> None:
        if message["type"] == "beat":
            return
        self.messages.append(message)
        if message["type"] == "sweep":
            self.sweep, self.cursor = message["sweep"], message["cursor"]
            for kind, cells in self.cells.items():
                cells.update(message[kind])

    @property
    def described(self) -> dict[str, Any]:
        cells = {kind: [cells[str(i)] for i in range(len(cells))] for kind, cells in self.cells.items()}
        return {**self.sweep, **cells}


async def test_a_viewer_who_comes_back_with_its_cursor_has_all_of_it_in_the_end(app, http, address):
    racing = (await http.post("/api/runs", json=ENDLESS)).json()
    sweep = await start(http)
    viewer = SweepViewer(address, sweep["id"])

    await viewer.watch(messages=1)
    first = viewer.cursor
    await http.post(f"/api/runs/{racing['id']}/stop")
    await over(app, sweep["id"])
    await viewer.watch()

    assert viewer.close_code == RUN_OVER
    assert viewer.cursor > first
    assert viewer.described == (await http.get(f"/api/sweeps/{sweep['id']}")).json()
    # Only what changed was sent again.
    assert len(viewer.messages[0]["cells"]) == 4
    late = SweepViewer(address, sweep["id"])
    late.cursor = viewer.cursor
    await late.watch()
    assert (late.messages[0]["cells"], late.messages[0]["fresh"]) == ({}, {})


async def test_one_who_has_missed_everything_gets_it_in_one_message(app, http, address):
    sweep = await start(http)
    await over(app, sweep["id"])
    viewer = SweepViewer(address, sweep["id"])

    await viewer.watch()

    assert len(viewer.messages) == 1
    assert viewer.described == (await http.get(f"/api/sweeps/{sweep['id']}")).json()


async def test_by_http_a_cursor_is_answered_with_what_has_changed_since(app, http):
    sweep = await start(http)
    await over(app, sweep["id"])
    path = f"/api/sweeps/{sweep['id']}"

    everything = (await http.get(path, params={"cursor": 0})).json()
    nothing = (await http.get(path, params={"cursor": everything["cursor"]})).json()
    beyond = await http.get(path, params={"cursor": everything["cursor"] + 1})

    assert (len(everything["cells"]), nothing["cells"], nothing["sweep"]) == (4, {}, everything["sweep"])
    assert beyond.status_code == 422
    assert "does not belong to this sweep" in beyond.json()["error"]["message"]


@pytest.mark.parametrize(("cursor", "code"), [("100000000", BAD_CURSOR), ("-1", BAD_CURSOR), ("a", BAD_CURSOR)])
async def test_an_impossible_cursor_is_refused(http, address, cursor, code):
    viewer = SweepViewer(address, (await start(http, ONE, **ENDLESS))["id"])
    viewer.cursor = cursor

    await viewer.watch()

    assert viewer.close_code == code
    assert viewer.messages[0]["error"]["code"] == "invalid_request"


async def test_a_sweep_that_is_not_there_closes_as_a_run_does(address):
    viewer = SweepViewer(address, "none")

    await viewer.watch()

    assert (viewer.close_code, viewer.messages[0]["error"]["code"]) == (NO_SUCH_RUN, "not_found")


async def test_its_viewers_are_counted_with_those_of_runs_and_give_their_places_back(open_server):
    async with open_server(max_viewers_per_visitor=1) as (http, address):
        sweep = await start(http, ONE, **ENDLESS)
        first, second = SweepViewer(address, sweep["id"]), SweepViewer(address, sweep["id"])
        async with first.connect() as socket:
            await socket.recv()
            await second.watch()
        assert (second.close_code, second.messages[0]["error"]["code"]) == (TRY_LATER, "too_many")

        third = SweepViewer(address, sweep["id"])
        while not third.sweep:
            await third.watch(messages=len(third.messages) + 1)


async def test_a_queued_sweep_hears_when_it_begins_and_keeps_its_place_while_it_is_watched(app, http, address):
    racing = (await http.post("/api/runs", json=ENDLESS)).json()
    sweep = await start(http, ONE)
    viewer = SweepViewer(address, sweep["id"])
    async with viewer.connect() as socket:
        viewer.take(json.loads(await socket.recv()))
        assert (viewer.sweep["status"], viewer.sweep["position"]) == ("queued", 1)
        assert app.state.manager.sweeps.get(sweep["id"]).viewers == 1
        await http.post(f"/api/runs/{racing['id']}/stop")
        while viewer.sweep["status"] != "finished":
            viewer.take(json.loads(await socket.recv()))
    assert viewer.described["cells"][0]["status"] == "finished"
    live = app.state.manager.sweeps.get(sweep["id"])
    await until_async(lambda: not live.viewers, "the viewer has left")


async def test_watching_a_training_counts_as_watching_its_sweep(app, http: httpx.AsyncClient, address):
    sweep = await start(http, ONE, **ENDLESS)
    live = app.state.manager.sweeps.get(sweep["id"])
    await until_async(lambda: live.cells[0].run, "it trains")
    async with connect(f"ws://{address}/api/runs/{live.cells[0].run.id}/stream") as socket:
        await socket.recv()

        assert (live.own_viewers, live.viewers) == (0, 1)
