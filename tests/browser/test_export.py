"""The menu Export saves what the server measured, number by number."""

import csv
from contextlib import suppress
from pathlib import Path

import httpx
import numpy as np
from playwright.sync_api import Page, expect
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from app.runs.history import COLUMNS, Kind
from tests.browser.reading import SHORT, play, state
from tests.browser.test_accessibility import violations
from tests.web.viewer import Viewer


def measured(address: str, run_id: str) -> Viewer:
    """Somebody who has been told all of a run that is over."""
    viewer = Viewer(address.removeprefix("http://"), run_id)
    with connect(viewer.url) as socket, suppress(ConnectionClosed):
        while True:
            viewer.take(socket.recv(timeout=30))
    return viewer


def saved(page: Page, what: str, folder: Path) -> list[dict[str, str]]:
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name=what, exact=True).click()
    expect(page.get_by_role("button", name=what, exact=True)).to_be_hidden()
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    with file.open(newline="") as opened:
        return list(csv.DictReader(opened))


def test_the_saved_numbers_are_those_the_server_measured(open_page, address, tmp_path):
    page = open_page(SHORT)
    play(page)
    state(page, "finished")
    run_id = page.url.rpartition("/")[2].partition("?")[0]
    run = httpx.get(f"{address}/api/runs/{run_id}").json()
    told = measured(address, run_id)

    batches, evaluations = saved(page, "Batches", tmp_path), saved(page, "Evaluations", tmp_path)

    assert {file.name for file in tmp_path.glob("*.csv")} == {f"{run_id}-batches.csv", f"{run_id}-evaluations.csv"}
    for kind, rows in ((Kind.METRICS, batches), (Kind.EVALUATIONS, evaluations)):
        for lane in run["lanes"]:
            of_lane = [row for row in rows if row["lane"] == str(lane["lane"])]
            read = [[row[name] for row in of_lane] for name in COLUMNS[kind]]
            np.testing.assert_array_equal(np.array(read, np.float32), told.rows[kind][lane["lane"]])
            assert int(of_lane[-1]["step"]) == lane["steps"]


def test_before_the_first_race_the_menu_says_that_there_is_nothing(open_page):
    page = open_page("/")

    page.get_by_role("button", name="Export").click()

    expect(page.get_by_text("There is nothing to export yet")).to_be_visible()
    expect(page.get_by_role("button", name="Batches", exact=True)).to_be_hidden()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_text("There is nothing to export yet")).to_be_hidden()


def test_a_race_can_be_saved_while_it_goes_on(open_page, tmp_path):
    page = open_page("/?batch_size=1&epochs=100&hidden=16")
    play(page)
    state(page, "racing")
    expect(page.locator("[data-part=story]")).to_contain_text("%")
    page.get_by_role("button", name="Export").click()
    assert violations(page) == []
    page.keyboard.press("Escape")

    rows = saved(page, "Batches", tmp_path)

    for lane in ("0", "1", "2"):
        steps = [int(row["step"]) for row in rows if row["lane"] == lane]
        assert steps == list(range(1, len(steps) + 1))
        assert steps
