"""The verdict on what is killed by `make cluster-faults`, and what its viewers count."""

import httpx
import numpy as np
import pytest

from tests.cluster.faults import Outcome, checks
from tests.cluster.watcher import Watcher
from tests.server_process import served
from tests.waiting import TIMEOUT_S, until, until_async

WELL = Outcome("a part", 20, 1, True, 1.0, 0.5, 0, 3, 10.0)


def test_faults_within_their_bounds_are_a_success():
    assert all(check.holds for check in checks([WELL, WELL._replace(lost_s=2.0, gone_s=60.0)]))


@pytest.mark.parametrize(
    ("broken", "changed"),
    {
        "killed, and other than expected": {"expected": False},
        "curve lost": {"lost_s": 2.1},
        "viewers that begin anew": {"began_anew": 1},
        "longest wait of a viewer": {"waited_s": 61.0},
        "orphans are gone within": {"gone_s": 61.0},
    }.items(),
)
def test_one_broken_bound_is_reported(broken, changed):
    assert [check.what for check in checks([WELL, WELL._replace(**changed)]) if not check.holds] == [broken]


async def test_a_viewer_that_has_more_than_the_server_counts_that_it_begins_anew(few_idx_files, tmp_path):
    race = {"lanes": [{"optimizer": "sgd"}], "epochs": 1, "hidden": [8]}
    with served(few_idx_files, tmp_path, stderr=None) as (_, address), httpx.Client(base_url=address) as http:
        run_id = http.post("/api/runs", json=race, timeout=TIMEOUT_S).json()["id"]
        until(lambda: http.get(f"/api/runs/{run_id}").json()["status"] == "finished", "it is over")
        steps = http.get(f"/api/runs/{run_id}").json()["lanes"][0]["steps"]
        watcher = Watcher(address.removeprefix("http://"), run_id)
        watcher.viewer.rows[1] = [np.zeros((3, steps + 1))]
        watcher.begin()
        await until_async(lambda: watcher.settled, "it has the race")
        await watcher.leave()

    assert (watcher.steps, watcher.began_anew) == (steps, 1)
