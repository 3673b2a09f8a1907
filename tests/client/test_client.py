"""The Python client, against a server of its own process."""

import json
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

import matplotlib
import numpy as np
import pytest

from app.client import Playground, Refused, Unreachable
from app.config import RunConfig
from app.errors import NotInstalled, PlaygroundError
from tests.server_process import ENDLESS, served
from tests.waiting import until

pytestmark = pytest.mark.slow

SHORT = {"epochs": 3, "hidden": [16], "batch_size": 20}


@pytest.fixture(scope="module")
def address(few_idx_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(few_idx_files, tmp_path_factory.mktemp("cache")) as (_, address):
        yield address


@pytest.fixture
def playground(address: str) -> Iterator[Playground]:
    with Playground(address) as playground:
        yield playground


class Relay:
    """Stands between client and server, and can break what goes through it."""

    def __init__(self, target: str) -> None:
        self._target = (urlsplit(target).hostname, urlsplit(target).port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.connections = 0
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client = self._listener.accept()[0]
                server = socket.create_connection(self._target)
                self.connections += 1
                self._open += [client, server]
                for one, other in ((client, server), (server, client)):
                    self._threads.append(threading.Thread(target=self._pass, args=(one, other)))
                    self._threads[-1].start()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65_536):
                other.sendall(data)
        self._end(other)

    def _end(self, sock: socket.socket) -> None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        """End all connections there are, as a dying router does."""
        for sock in list(self._open):
            self._end(sock)

    def close(self) -> None:
        self._end(self._listener)
        self._listener.close()
        self.cut()
        for thread in self._threads:
            thread.join()
        for sock in self._open:
            sock.close()


def test_a_race_is_started_watched_and_read(playground):
    race = playground.start(SHORT)

    losses = [[], [], []]
    for frame in race.frames():
        assert frame.first_step == len(losses[frame.lane]) + 1
        losses[frame.lane].extend(frame.loss)

    assert race.wait()["status"] == "finished"
    arrays = race.arrays()
    assert list(arrays) == ["SGD", "Momentum", "Adam"]
    for mine, columns in zip(losses, arrays.values(), strict=True):
        np.testing.assert_array_equal(np.float32(mine), columns["loss"])
        np.testing.assert_array_equal(columns["step"], np.arange(1, 301))
    frame = race.frame("evaluations")
    assert set(frame["lane"]) == {"SGD", "Momentum", "Adam"}
    assert frame["test_accuracy"].between(0, 1).all()
    assert race.url == f"{playground.url}/runs/{race.id}"


def test_a_broken_connection_costs_no_batch(address):
    with closing(Relay(address)) as relay, Playground(relay.address) as playground:
        # Far from its end as long as it is cut off now and then.
        race = playground.start({**SHORT, "epochs": 20}, pace=20)
        before, cuts = relay.connections, [2, 10]
        steps = [0, 0, 0]
        for frame in race.frames():
            assert frame.first_step == steps[frame.lane] + 1
            steps[frame.lane] += len(frame.loss)
            if cuts and min(steps) >= cuts[0]:
                del cuts[0]
                if not cuts:
                    race.set_pace(None)
                relay.cut()

        assert relay.connections >= before + 2
        assert steps == [2000, 2000, 2000]


def test_a_sweep_is_started_followed_and_read(playground):
    axes = {"optimizer": ["sgd", "adam"], "learning_rate": (0.01, 0.1)}

    sweep = playground.sweep(axes, {"hidden": [16], "batch_size": 100})
    updates = list(sweep.updates())

    assert [update["done"] for update in updates if update["phase"] == "grid"] == sorted(
        update["done"] for update in updates if update["phase"] == "grid"
    )
    ended = updates[-1]
    assert ended == sweep.wait() == playground.find_sweep(sweep.id).describe()
    assert (ended["status"], len(ended["cells"])) == ("finished", 4)
    rows = sweep.frame()
    of_grid = rows[rows["phase"] == "grid"]
    assert of_grid["test_accuracy"].tolist() == [cell["test_accuracy"] for cell in ended["cells"]]
    # Each training is a race like others.
    assert playground.race(ended["cells"][0]["run"]).describe()["sweep"] == sweep.id


def test_a_broken_connection_costs_no_update_of_a_sweep(address):
    with closing(Relay(address)) as relay, Playground(relay.address) as playground:
        long = {"hidden": [16], "batch_size": 1, "epochs": 100}
        sweep = playground.sweep({"optimizer": ["sgd"]}, long)
        updates = sweep.updates()
        next(updates)
        relay.cut()
        playground.find_sweep(sweep.id, sweep.owner_key).stop()

        *_, ended = updates

    assert ended["status"] == "stopped"
    with Playground(address) as playground:
        assert playground.find_sweep(sweep.id).describe()["cells"] == ended["cells"]


def test_a_sweep_can_be_stopped_by_its_owner_and_an_invalid_grid_is_refused(playground):
    sweep = playground.sweep({"optimizer": ["sgd"]}, {"hidden": [16], "batch_size": 1, "epochs": 100})

    with pytest.raises(Refused, match="Only the visitor who started sweep"):
        playground.find_sweep(sweep.id).stop()
    sweep.stop()
    assert sweep.wait()["status"] == "stopped"
    with pytest.raises(Refused, match="at least one value for learning_rate"):
        playground.sweep({"learning_rate": []})
    with pytest.raises(PlaygroundError, match="A sweep's id is letters"):
        playground.find_sweep("../runs")


def test_a_viewer_without_a_place_for_a_while_gets_the_reason(monkeypatch, few_idx_files, tmp_path):
    with served(few_idx_files, tmp_path, MAX_VIEWERS="1") as (_, address), Playground(address) as playground:
        race = playground.start(RunConfig.of(ENDLESS))
        seated = race.frames()
        next(seated)
        with monkeypatch.context() as impatient:
            impatient.setattr("app.client.stream.LONGEST_PAUSE_S", 1)
            with pytest.raises(Refused, match="This server has no room for more viewers") as refused:
                next(playground.race(race.id).frames())
        assert (refused.value.status, refused.value.code) == (503, "too_many_viewers")
        seated.close()
        assert next(playground.race(race.id).frames()).first_step == 1


def test_who_starts_a_race_commands_it_and_no_one_else_does(playground):
    race = playground.start(RunConfig.of(ENDLESS), paused=True)
    # A race of the test before may still be on its way to its end.
    until(lambda: race.describe()["status"] == "paused", "its turn comes")
    race.step()
    race.set_pace(100)
    race.set_learning_rate(2, 0.5)
    race.resume()
    # After the requested step lane 2 has the new learning rate, and reports it before its next batch.
    assert next(frame for frame in race.frames() if frame.lane == 2 and frame.first_step > 1)
    race.pause()
    described = race.describe()
    assert (described["pace"], described["lanes"][2]["learning_rate"]) == (100, 0.5)

    with pytest.raises(Refused, match="key") as refused:
        playground.race(race.id).stop()
    assert (refused.value.status, refused.value.code) == (403, "not_yours")
    assert race.describe()["status"] == "paused"

    playground.race(race.id, race.owner_key).stop()
    assert race.wait()["status"] == "stopped"


def test_a_refusal_has_the_servers_words(playground):
    with pytest.raises(Refused, match="epochs should be less than or equal to 100; got 1000"):
        playground.start({"epochs": 1000})
    with pytest.raises(Refused, match="There is no run 'nothing'"):
        playground.race("nothing")


@pytest.mark.parametrize("config", [{"learning_rate": float("nan")}, {"seed": object()}])
def test_a_value_that_cannot_be_sent_is_refused(playground, config):
    with pytest.raises(PlaygroundError, match="without NaN and infinity"):
        playground.start(config)


@pytest.mark.parametrize("run_id", ["", "../../healthz", "a/b", "é", "a?b"])
def test_an_invalid_id_is_refused_without_a_request(playground, run_id):
    with pytest.raises(PlaygroundError, match="A run's id is letters, digits"):
        playground.race(run_id)


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "localhost", "ftp://localhost", "http://", "http://localhost:x"])
def test_an_invalid_address_is_refused(url):
    with pytest.raises(PlaygroundError, match="The url should be"):
        Playground(url)


def test_a_closed_playground_says_so(playground):
    race = playground.start(SHORT)
    playground.close()
    playground.close()

    for use in (playground.start, race.wait, race.stop, race.arrays):
        with pytest.raises(PlaygroundError, match="closed"):
            use()


def test_another_key_is_refused_whatever_is_in_it(playground):
    race = playground.start(RunConfig.of(ENDLESS), paused=True)
    with pytest.raises(Refused, match="key"):
        playground.race(race.id, "kéy\n").stop()
    race.stop()


@pytest.mark.parametrize("missing", ["pyarrow.parquet", "pandas"])
def test_a_missing_package_is_named(playground, monkeypatch, missing):
    race = playground.start(SHORT)
    race.stop()
    monkeypatch.setitem(sys.modules, missing, None)

    with pytest.raises(NotInstalled, match=f"pip install {missing.partition('.')[0]}"):
        race.frame()


def test_another_kind_of_server_is_recognized(address):
    with Playground(f"{address}/docs?") as other, pytest.raises(PlaygroundError, match="no playground"):
        other.race("nothing")


def test_an_unreachable_server_is_reported():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with Playground(f"http://127.0.0.1:{port}") as nobody, pytest.raises(Unreachable, match="Is the server running"):
        nobody.start()


def test_the_notebook_does_what_it_shows(address, monkeypatch):
    monkeypatch.setenv("PLAYGROUND", address)
    matplotlib.use("Agg")
    notebook = json.loads((Path(__file__).parents[2] / "docs" / "client.ipynb").read_text(encoding="utf-8"))
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    names = {}

    for cell in cells:
        exec(compile(cell, "docs/client.ipynb", "exec"), names)

    assert names["seen"] == {0: 62, 1: 62}
    losses = [line.get_ydata() for line in names["axes"].lines]
    assert [len(line) for line in losses] == [62, 62]
    names["plt"].close("all")
    assert names["race"].url.startswith(address)


def test_the_notebook_shows_what_came_of_it():
    notebook = json.loads((Path(__file__).parents[2] / "docs" / "client.ipynb").read_text(encoding="utf-8"))
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]

    assert {output["output_type"] for output in outputs} == {"stream", "execute_result", "display_data"}
    assert sum("image/png" in output.get("data", {}) for output in outputs) == 1
