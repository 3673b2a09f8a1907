"""A class behind one address: distinguished by browser, one race for equal settings, the teacher first."""

import pytest

from app.serving import welcome
from app.settings import Settings
from tests.web.conftest import capacity
from tests.web.viewer import Viewer, connect

ENDLESS = {"epochs": 100, "batch_size": 1, "hidden": [16]}
KEY = "the key"


def browser(number: int, teacher: bool = False) -> dict[str, str]:
    return {"X-Browser": f"browser-{number}"} | ({"X-Teacher-Key": KEY} if teacher else {})


@pytest.fixture
def open_class(open_server, monkeypatch):
    """A server for four students; what the tests' own environment allows is not for them."""
    for name in ("MAX_RUNS_PER_VISITOR", "STARTS_PER_MINUTE"):
        monkeypatch.delenv(name)

    def open_class(**settings):
        return open_server(**{"classroom": 4, "teacher_key": KEY, "max_queued": 50, **settings})

    return open_class


async def start(http, number: int, seed: int | None = None, teacher: bool = False, **query):
    config = ENDLESS | ({} if seed is None else {"seed": seed})
    return await http.post("/api/runs", json=config, params=query, headers=browser(number, teacher))


async def test_equal_races_are_one_that_only_its_owner_commands(open_class):
    async with open_class() as (http, _):
        first = await start(http, 1)
        joined = [await start(http, number) for number in (2, 3, 4, 1)]

        assert (first.status_code, first.json()["joined"]) == (201, False)
        for answer in joined:
            assert (answer.status_code, answer.json()["joined"]) == (200, True)
            assert answer.json()["id"] == first.json()["id"]
            assert "x-owner-key" not in answer.headers
        assert (await capacity(http))["joinable"] == first.json()["config"]
        run = f"/api/runs/{first.json()['id']}"
        assert (await http.post(f"{run}/pause", headers={"X-Owner-Key": "none"})).status_code == 403
        assert (await http.post(f"{run}/pause")).status_code == 202


@pytest.mark.parametrize("changed", ["paused", "paced", "learning rate", "seed", "asked paused", "asked paced"])
async def test_what_someone_has_changed_is_not_joined(open_class, changed):
    async with open_class() as (http, _):
        run = f"/api/runs/{(await start(http, 1)).json()['id']}"
        match changed:
            case "paused":
                await http.post(f"{run}/pause")
            case "paced":
                await http.put(f"{run}/pace", json={"batches_per_s": 10})
            case "learning rate":
                await http.put(f"{run}/lanes/0/learning-rate", json={"learning_rate": 0.5})
                while not (await http.get(run)).json()["lanes"][0]["learning_rate_changes"]:
                    pass
        asked = {"asked paused": {"paused": True}, "asked paced": {"pace": 10}}.get(changed, {})
        other = await start(http, 2, seed=7 if changed == "seed" else None, **asked)

        assert (other.status_code, other.json()["joined"]) == (201, False)


async def test_students_have_a_share_each_and_together_no_more_than_a_class(open_class):
    async with open_class() as (http, _):
        for number in (1, 2):
            assert (await start(http, 1, seed=number)).status_code == 201
        own = await start(http, 1, seed=3)
        # Making up browsers gains no more than the class may have.
        forged = [await start(http, number, seed=number) for number in range(10, 20)]

        assert own.status_code == 429
        assert "Races and sweeps from your browser that are running or queued" in own.json()["error"]["message"]
        assert [answer.status_code for answer in forged] == [201] * 6 + [429] * 4
        assert "Races and sweeps from your address that are running or queued: 8," in forged[-1].text


async def test_streams_are_counted_by_browser_and_by_class(open_class):
    async with open_class(max_viewers_per_visitor=1) as (http, address):
        run = (await start(http, 1)).json()["id"]

        async def refused(number: int) -> dict | None:
            viewer = Viewer(address, run)
            async with connect(f"{viewer.url}?browser=browser-{number}") as socket:
                await viewer.receive(socket)
            return viewer.error

        async with connect(f"{Viewer(address, run).url}?browser=browser-1"):
            assert "1 pages from your browser watch already" in (await refused(1))["message"]
            assert await refused(2) is None


async def test_without_a_class_no_one_is_believed_to_be_another_browser(open_server):
    async with open_server(max_runs_per_visitor=1, teacher_key=KEY) as (http, _):
        assert (await start(http, 1)).status_code == 201
        other = await start(http, 2, teacher=True)

    assert other.status_code == 429
    assert "your address" in other.json()["error"]["message"]


async def test_a_class_that_has_all_it_may_have_does_not_keep_its_teacher_out(open_class):
    async with open_class(max_queued=2, max_runs_per_visitor=1) as (http, _):
        for number in range(3):
            assert (await start(http, number, seed=number, pace=1)).status_code == 201
        refused = await start(http, 3, seed=3)
        as_teacher = (await http.get("/api/capacity", headers=browser(9, teacher=True))).json()
        teacher = await start(http, 9, seed=9, teacher=True)

    assert refused.status_code == 503
    assert (as_teacher["can_start"], as_teacher["reason"]) == (True, None)
    assert (teacher.status_code, teacher.json()["position"]) == (201, 1)


async def test_the_teacher_is_no_part_of_the_class_s_share(open_class):
    async with open_class(max_runs_per_visitor=1) as (http, _):
        for number in range(4):
            assert (await start(http, number, seed=number, pace=1)).status_code == 201
        refused = await start(http, 4, seed=4)
        teacher = [await start(http, 9, seed=seed, teacher=True) for seed in (8, 9)]

    assert refused.status_code == 429
    assert [answer.status_code for answer in teacher] == [201, 201]


async def test_the_teacher_goes_first_has_a_race_of_their_own_and_keeps_its_place(open_class, monkeypatch):
    async with open_class(max_turn_s=300) as (http, address):
        racing = (await start(http, 1)).json()
        waiting = [(await start(http, number, seed=number)).json() for number in (2, 3)]
        teacher = (await start(http, 4, teacher=True)).json()

        assert (teacher["joined"], teacher["position"]) == (False, 1)
        viewer = Viewer(address, waiting[0]["id"])
        async with viewer.connect() as socket:
            while viewer.run is None or viewer.run["position"] != 2:
                assert await viewer.receive(socket)
            assert viewer.run["meanwhile"] == racing["id"]
            # The student's turn ends, the teacher's does not, paused or not.
            monkeypatch.setattr("app.scheduling.time_slices.FULL_SPEED", 0)
            while viewer.run["meanwhile"] != teacher["id"]:
                assert await viewer.receive(socket)
            await http.post(f"/api/runs/{teacher['id']}/pause")
            while not viewer.run["behind_paused"]:
                assert await viewer.receive(socket)
        wrong = await http.post("/api/runs", json=ENDLESS, headers=browser(4) | {"X-Teacher-Key": "guessed"})
        assert wrong.json()["position"] != 1


async def test_a_paused_student_holds_no_one_up(open_class):
    async with open_class(max_turn_s=1) as (http, address):
        paused = await start(http, 1, paused=True)
        mine = (await start(http, 2, pace=1)).json()
        viewer = Viewer(address, mine["id"])
        async with viewer.connect() as socket:
            while viewer.run is None or viewer.run["status"] != "running":
                assert await viewer.receive(socket)
        assert (await http.get(f"/api/runs/{paused.json()['id']}")).json()["stopped_by"] == "others"


def test_the_one_setting_brings_what_a_class_needs_and_each_can_be_set_by_itself(monkeypatch):
    for name in ("MAX_RUNS_PER_VISITOR", "STARTS_PER_MINUTE"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("CLASSROOM", "60")
    monkeypatch.setenv("MAX_TURN_S", "0")
    settings = Settings()

    assert (settings.max_queued, settings.max_runs_per_visitor, settings.max_viewers_per_visitor) == (120, 2, 10)
    assert (settings.max_turn_s, settings.unwatched_pause_s) == (0, 30)


def test_the_server_prints_the_teachers_link_unless_its_key_was_set():
    assert "teacher" not in welcome(Settings(), "http://here")
    assert "teacher" not in welcome(Settings(classroom=4, teacher_key=KEY), "http://here")
    settings = Settings(classroom=4, public_url="https://there.example/")
    key = settings.teacher_key.get_secret_value()
    assert welcome(settings, "http://here").endswith(f"https://there.example/#teacher={key}")
    locked = Settings(classroom=4, passphrase="seven green owls")
    key_of_locked = locked.teacher_key.get_secret_value()
    assert welcome(locked, "http://here").endswith(f"http://here/#token=seven%20green%20owls&teacher={key_of_locked}")
    assert key != Settings().teacher_key.get_secret_value()
