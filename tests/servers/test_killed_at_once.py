"""The leader is killed in the very moment of a start: what was answered is there, and nothing starts twice."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
import sqlalchemy as sa

from tests.server_process import ENDLESS, free_port
from tests.servers.conftest import Start, new_database
from tests.servers.lost_answers import way_to
from tests.waiting import until

pytestmark = pytest.mark.slow

TIMES = 4
SMALL = {"epochs": 1, "batch_size": 1000, "hidden": [4]}
SWEEP = {"axes": {"optimizer": ["sgd"], "seed": [1, 2]}, "config": SMALL}


def rows(postgres, name: str, table: str) -> list[str]:
    address = postgres.url.replace("/postgres?", f"/{name}?").replace("postgresql://", "postgresql+psycopg://")
    engine = sa.create_engine(address, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return list(connection.execute(sa.text(f"SELECT id FROM {table}")).scalars())


def found(server, path: str) -> dict:
    """What the server knows of it, once it can look."""
    answers = []

    def known() -> bool:
        answers.append(server.get(path))
        return answers[-1].status_code != 503

    until(known, "it can look")
    assert answers[-1].status_code == 200, answers[-1].text
    return answers[-1].json()


def test_a_run_that_was_answered_is_there_however_soon_the_leader_is_killed(start: Start, postgres):
    database = new_database(postgres)
    with ExitStack() as stack:
        leader, follower = (stack.enter_context(start(database)) for _ in range(2))
        for _ in range(TIMES):
            answer = leader.post("/api/runs?pace=20", ENDLESS)
            leader.process.kill()
            run = found(follower, f"/api/runs/{answer.json()['id']}")

            assert (answer.status_code, answer.json()["saved"]) == (201, True)
            # If nothing of its curve was saved it starts over, else it is interrupted.
            assert run["status"] in ("queued", "running", "interrupted")
            stopped = follower.post(f"/api/runs/{run['id']}/stop", **{"X-Owner-Key": answer.headers["X-Owner-Key"]})
            assert stopped.status_code in (200, 202)
            leader, follower = follower, stack.enter_context(start(database))


@pytest.mark.parametrize(("path", "body"), [("/api/runs", ENDLESS), ("/api/sweeps", SWEEP)], ids=["run", "sweep"])
def test_a_start_whose_answer_was_lost_with_the_leader_is_answered_by_the_next_one(start: Start, postgres, path, body):
    """Of two servers that have forwarded a start, one leads next, and the other forwards it again."""
    database, port = new_database(postgres), free_port()
    with (
        way_to(port) as way,
        start(database, port=port, SERVER_URL=way.url) as leader,
        start(database) as one,
        start(database) as other,
        ThreadPoolExecutor() as threads,
    ):
        way.lossy = True
        asked = [threads.submit(server.post, path, body) for server in (one, other)]
        until(lambda: len(rows(postgres, database, path.removeprefix("/api/"))) == 2, "both have been begun")
        assert not any(each.done() for each in asked)
        leader.process.kill()
        answers = [each.result() for each in asked]

        assert [answer.status_code for answer in answers] == [201, 201], [answer.text for answer in answers]
        ids = [answer.json()["id"] for answer in answers]
        assert sorted(rows(postgres, database, path.removeprefix("/api/"))) == sorted(ids)
        for answer, server in zip(answers, (one, other), strict=True):
            key = {"X-Owner-Key": answer.headers["X-Owner-Key"]}
            assert server.post(f"{path}/{answer.json()['id']}/stop", **key).status_code in (200, 202)
