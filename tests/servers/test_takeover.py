"""A server that leads is killed, ended, frozen or cut off from the database: another goes on with what it has left."""

import signal

import httpx
import numpy as np
import pytest
import sqlalchemy as sa

from tests.server_process import ENDLESS, start_owned
from tests.servers.conftest import new_database
from tests.waiting import TIMEOUT_S, until
from tests.web.viewer import Viewer

pytestmark = pytest.mark.slow

METRICS = 1


def leads(server) -> bool:
    return "playground_leads 1.0" in server.get("/metrics").text.splitlines()


def status(server, run_id: str) -> str:
    answer = server.get(f"/api/runs/{run_id}")
    return answer.json()["status"] if answer.status_code == 200 else f"{answer.status_code}"


def asked(postgres, name: str, statement: str) -> list:
    address = postgres.url.replace("/postgres?", f"/{name}?").replace("postgresql://", "postgresql+psycopg://")
    engine = sa.create_engine(address, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return list(connection.execute(sa.text(statement)).scalars())


def race(server, postgres, name: str) -> tuple[str, dict[str, str]]:
    """A race of which a part is saved: without that, another server would start it over."""
    run_id, key = start_owned(server.url)
    pieces = f"SELECT first FROM pieces WHERE run_id = '{run_id}'"
    until(lambda: asked(postgres, name, pieces), "some of it is saved")
    return run_id, key


@pytest.fixture
def database(postgres) -> str:
    return new_database(postgres)


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
async def test_what_waits_goes_on_waiting_when_the_leader_ends(start, database, postgres, end):
    with start(database) as leader, start(database) as follower:
        racing, _ = race(follower, postgres, database)
        waiting = [server.post("/api/runs?pace=50", ENDLESS) for server in (follower, leader)]
        first, second = (answer.json()["id"] for answer in waiting)
        until(lambda: {first, second} <= set(asked(postgres, database, "SELECT id FROM runs")), "both are saved")
        watching = Viewer(follower.url.removeprefix("http://"), first)
        async with watching.connect() as socket:
            await watching.receive(socket)
            assert watching.run["status"] == "queued"
            leader.process.send_signal(end)
            while await watching.receive(socket):
                pass
        # "Come back": not over, and not gone.
        assert watching.close_code == 1012

        until(lambda: leads(follower), "the other one leads")
        until(lambda: status(follower, racing) == "interrupted", "what raced is interrupted")
        until(lambda: status(follower, first) == "running", "the first that waited races")
        assert follower.get(f"/api/runs/{second}").json()["position"] == 1
        async with watching.connect() as socket:
            while min(watching.steps) < 10:
                await watching.receive(socket)
        key = {"X-Owner-Key": waiting[0].headers["X-Owner-Key"]}
        assert follower.post(f"/api/runs/{first}/stop", **key).status_code == 202
        until(lambda: status(follower, second) == "running", "then the second")


def test_starts_through_another_server_wait_for_the_next_leader_while_one_ends(start, database):
    many = {"MAX_RUNS_PER_VISITOR": "500", "MAX_QUEUED": "500", "STARTS_PER_MINUTE": "1000"}
    with start(database, **many) as leader, start(database, **many) as follower:
        leader.process.terminate()
        answers = []
        while leader.process.poll() is None:
            answers.append(follower.post("/api/runs", ENDLESS))
            answers.append(follower.post("/api/sweeps", SWEEP))

        assert {answer.status_code for answer in answers} == {201}, [answer.text for answer in answers]
        for answer in answers:
            assert follower.get(answer.headers["Location"]).status_code == 200


async def test_a_viewer_loses_no_more_than_was_not_saved(start, database, postgres):
    with start(database) as leader, start(database) as follower:
        racing, _ = race(leader, postgres, database)
        watching = Viewer(follower.url.removeprefix("http://"), racing)
        async with watching.connect() as socket:
            while min(watching.steps) < 100:
                await watching.receive(socket)
            leader.process.kill()
            while await watching.receive(socket):
                pass
        after = await Viewer(follower.url.removeprefix("http://"), racing).watch_when_there()

        assert after.run["status"] == "interrupted"
        assert after.close_code == 1000
        for had, kept in zip(watching.rows[METRICS], after.rows[METRICS], strict=True):
            both = min(had.shape[1], kept.shape[1])
            np.testing.assert_array_equal(had[:, :both], kept[:, :both])


def test_a_leader_that_loses_its_connection_leads_on(start, database, postgres):
    with start(database) as leader, start(database) as follower:
        racing, _ = race(leader, postgres, database)
        locks = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"
        [before] = asked(postgres, database, locks)

        # However slow the leader is at coming back.
        follower.process.send_signal(signal.SIGSTOP)
        try:
            asked(postgres, database, f"SELECT pg_terminate_backend({before})")
            until(lambda: asked(postgres, database, locks) not in ([], [before]), "the lock is held again")
        finally:
            follower.process.send_signal(signal.SIGCONT)
        assert (leads(leader), leads(follower)) == (True, False)
        assert asked(postgres, database, "SELECT term FROM leadership") == [1]
        assert [status(server, racing) for server in (leader, follower)] == ["running", "running"]


def test_races_go_on_while_the_database_restarts(start, database, postgres):
    with start(database) as leader, start(database) as follower:
        racing, key = race(leader, postgres, database)
        postgres.stop()
        try:
            assert status(leader, racing) == "running"
            assert status(follower, racing) == "running"
        finally:
            postgres.start()
        until(lambda: leader.get(f"/api/runs/{racing}").json()["saved"], "it is saved again")
        assert follower.post(f"/api/runs/{racing}/stop", **key).status_code == 202
        assert asked(postgres, database, "SELECT term FROM leadership") == [1]


def test_a_frozen_leader_is_replaced_and_follows_when_it_comes_back(start, database, postgres):
    with start(database) as leader, start(database) as follower:
        racing, _ = race(leader, postgres, database)
        leader.process.send_signal(signal.SIGSTOP)
        try:
            until(lambda: leads(follower), "the other one leads")
            until(lambda: status(follower, racing) == "interrupted", "what raced is interrupted")
        finally:
            leader.process.send_signal(signal.SIGCONT)

        until(lambda: not leads(leader) and leader.get("/readyz").status_code == 200, "it follows")
        until(lambda: status(leader, racing) == "interrupted", "it tells what the other one has saved")
        run_id, key = start_owned(leader.url)
        assert status(follower, run_id) == "running"
        assert leader.post(f"/api/runs/{run_id}/stop", **key).status_code == 202
        until(lambda: status(leader, run_id) == "stopped", "it was the new leader that raced it")


def test_a_server_that_is_alone_takes_up_its_queue_again(start, database, postgres):
    with start(database) as server:
        racing, _ = race(server, postgres, database)
        waiting = server.post("/api/runs", ENDLESS).json()["id"]
        until(lambda: waiting in asked(postgres, database, "SELECT id FROM runs"), "it is saved")
        server.process.terminate()
        assert server.process.wait(TIMEOUT_S) == 0
    with start(database) as server:
        assert status(server, racing) == "interrupted"
        until(lambda: status(server, waiting) == "running", "it races")


async def test_what_is_watched_through_another_server_is_not_unwatched(start, database):
    """It is paused after a while without viewers, and goes on as soon as there is one, wherever that one is."""
    with start(database, UNWATCHED_PAUSE_S="0.5") as leader, start(database) as follower:
        run_id = leader.post("/api/runs?pace=50", ENDLESS).json()["id"]
        until(lambda: leader.get(f"/api/runs/{run_id}").json()["paused_by"] == "unwatched", "no one watches it")
        watching = Viewer(follower.url.removeprefix("http://"), run_id)
        async with watching.connect() as socket:
            await watching.receive(socket)
            assert watching.run["status"] == "paused"
            while watching.run["status"] != "running":
                await watching.receive(socket)


def test_a_lesson_goes_on_with_every_vote_at_the_next_leader(start, database):
    with start(database) as leader, start(database) as follower:
        begun = follower.post("/api/lessons", {"experiment": "pulls-ahead"})
        lesson, key = f"/api/lessons/{begun.json()['id']}", {"X-Owner-Key": begun.headers["X-Owner-Key"]}
        first, second, *_ = (guess["key"] for guess in begun.json()["guesses"])

        def vote(server, number: int, choice: str):
            return server.put(f"{lesson}/vote", {"choice": choice}, **{"X-Browser": f"browser-{number}"})

        assert [vote(server, n, first).status_code for n, server in enumerate((leader, follower))] == [200, 200]
        assert follower.put(f"{lesson}/votes-shown", {"shown": True}, **key).status_code == 200
        leader.process.kill()
        until(lambda: leads(follower), "the other one leads")

        own = [follower.get(lesson, **{"X-Browser": f"browser-{number}"}).json()["own_vote"] for number in range(3)]
        assert own == [first, first, None]
        told = vote(follower, 0, second).json()
        assert (told["voters"], told["votes"][first], told["votes"][second]) == (2, 1, 1)
        assert follower.put(f"{lesson}/votes-shown", {"shown": False}, **key).json()["votes"] is None


def test_a_leader_that_was_replaced_holds_no_lesson_of_its_own(start, database):
    with start(database) as leader, start(database) as follower:
        lesson = f"/api/lessons/{leader.post('/api/lessons', {'experiment': 'pulls-ahead'}).json()['id']}"
        choice = leader.get(lesson).json()["guesses"][0]["key"]
        leader.process.send_signal(signal.SIGSTOP)
        try:
            until(lambda: leads(follower), "the other one leads")
            vote = follower.put(f"{lesson}/vote", {"choice": choice}, **{"X-Browser": "browser-1"})
            assert vote.json()["voters"] == 1
        finally:
            leader.process.send_signal(signal.SIGCONT)
        until(lambda: not leads(leader) and leader.get("/readyz").status_code == 200, "it follows")
        assert leader.get(lesson).json()["voters"] == 1


SWEEP = {
    "axes": {"optimizer": ["sgd", "adam"], "learning_rate": [0.003, 0.01, 0.03, 0.1], "seed": [1, 2]},
    "config": {"hidden": [16], "epochs": 1, "batch_size": 4},
}


def numbers(sweep: dict) -> list[list]:
    """What came out of each training, but for the time that it took."""
    trainings = [*sweep["cells"], *sweep["fresh"]]
    return [[each["at"], each["status"], [[row[0], *row[3:]] for row in each["evaluations"]]] for each in trainings]


def test_a_sweep_goes_on_at_the_next_leader_with_the_same_numbers(start, database, postgres):
    with start(database) as leader, start(database) as follower:
        sweep_id = follower.post("/api/sweeps", SWEEP).json()["id"]
        over = f"SELECT run_id FROM cells WHERE sweep_id = '{sweep_id}' AND result LIKE '%\"finished\"%'"
        until(lambda: asked(postgres, database, over), "one of its trainings is over and saved")
        leader.process.kill()
        leader.process.wait()
        had = asked(postgres, database, over)
        assert 0 < len(had) < 16

        def told(which: str) -> dict:
            answer = follower.get(f"/api/sweeps/{which}")
            return answer.json() if answer.status_code == 200 else {"status": "unknown"}

        until(lambda: told(sweep_id)["status"] == "finished", "the other one trains it to its end")
        again = follower.post("/api/sweeps", SWEEP).json()["id"]
        until(lambda: told(again)["status"] == "finished", "another one like it, without interruption")

        assert numbers(told(sweep_id)) == numbers(told(again))
        assert set(had) <= {cell["run"] for cell in told(sweep_id)["cells"]}


def test_the_queue_keeps_whose_runs_wait_and_which_start_paused(start, database, postgres):
    with start(database) as leader, start(database) as follower:
        race(leader, postgres, database)
        first, third = (leader.post(f"/api/runs{how}", ENDLESS).json()["id"] for how in ("?paused=true", ""))
        with httpx.Client(transport=httpx.HTTPTransport(local_address="127.0.0.2"), timeout=TIMEOUT_S) as another:
            answer = another.post(f"{leader.url}/api/runs", json=ENDLESS)
        earlier, key = answer.json()["id"], {"X-Owner-Key": answer.headers["X-Owner-Key"]}
        waiting = {first, earlier, third}
        until(lambda: waiting <= set(asked(postgres, database, "SELECT job_id FROM submissions")), "all are saved")
        visitors = asked(postgres, database, "SELECT DISTINCT visitor FROM submissions")
        leader.process.kill()

        until(lambda: status(follower, earlier) == "running", "the visitor who had no turn yet has one")
        places = [follower.get(f"/api/runs/{run_id}").json()["position"] for run_id in (first, third)]
        more = [follower.post("/api/runs", ENDLESS).status_code for _ in range(3)]
        assert follower.post(f"/api/runs/{earlier}/stop", **key).status_code == 202
        until(lambda: status(follower, first) == "paused", "the next one starts paused")
        paused = follower.get(f"/api/runs/{first}").json()

    assert places == [1, 2]
    assert (paused["paused_by"], paused["lanes"][0]["steps"]) == ("owner", 0)
    assert more == [201, 201, 429], "a visitor may have four"
    assert [len(visitor) for visitor in visitors] == [64, 64], "digests, of two visitors"
