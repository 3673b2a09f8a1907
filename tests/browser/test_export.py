"""The menu Export saves what the server measured, number by number."""

import csv
import json
import re
from contextlib import suppress
from pathlib import Path

import httpx
import numpy as np
import pytest
from playwright.sync_api import Page, expect
from pyarrow.parquet import read_table
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from app.runs.history import COLUMNS, Kind
from tests.browser.accessible import violations
from tests.browser.reading import KEEP_NOTICES, LONG, SHORT, choose_action, loaded, play, series, settled, state
from tests.browser.saved import Picture, saved_file
from tests.waiting import TIMEOUT_S
from tests.web.viewer import Viewer


def measured(address: str, run_id: str) -> Viewer:
    """A viewer who has received all of a finished run."""
    viewer = Viewer(address.removeprefix("http://"), run_id)
    with connect(viewer.url, open_timeout=TIMEOUT_S) as socket, suppress(ConnectionClosed):
        while True:
            viewer.take(socket.recv(timeout=TIMEOUT_S))
    return viewer


def saved(page: Page, what: str, folder: Path) -> list[dict[str, str]]:
    with saved_file(page, f"{what} as CSV", folder).open(newline="") as opened:
        return list(csv.DictReader(opened))


def test_the_saved_numbers_are_those_the_server_measured(open_page, over, address, tmp_path):
    page = open_page(over)
    state(page, "finished")
    run_id = page.url.rpartition("/")[2].partition("?")[0]
    run = httpx.get(f"{address}/api/runs/{run_id}", timeout=TIMEOUT_S).json()
    told = measured(address, run_id)

    batches, evaluations = saved(page, "Batches", tmp_path), saved(page, "Evaluations", tmp_path)

    assert {file.name for file in tmp_path.glob("*.csv")} == {f"{run_id}-batches.csv", f"{run_id}-evaluations.csv"}
    for kind, rows in ((Kind.METRICS, batches), (Kind.EVALUATIONS, evaluations)):
        for lane in run["lanes"]:
            of_lane = [row for row in rows if row["lane"] == str(lane["lane"])]
            # The answers to single digits, the last columns, are for the page alone.
            names = [name for name in COLUMNS[kind] if not name.startswith("wall_")]
            read = [[row[name] for row in of_lane] for name in names]
            np.testing.assert_array_equal(np.array(read, np.float32), told.rows[kind][lane["lane"]][: len(names)])
            assert int(of_lane[-1]["step"]) == lane["steps"]

    plain = (tmp_path / f"{run_id}-evaluations.csv").read_text()
    choose_action(page, "Export")
    page.get_by_label("CSV with decimal commas").check()
    page.keyboard.press("Escape")
    commas = saved_file(page, "Evaluations as CSV", tmp_path).read_text()
    assert commas == plain.replace(",", ";").replace(".", ",")


def test_all_seeds_of_a_series_are_exported_shared_and_run_again(open_page, address, tmp_path):
    page = open_page(f"{SHORT}&seeds=2")
    play(page)
    series(page)
    earlier, last = page.url.rpartition("series=")[2].partition("&")[0], re.search(r"/runs/([^?]+)", page.url)[1]

    for what in ("Batches", "Evaluations"):
        rows = saved(page, what, tmp_path)
        of_seed = {seed: [row for row in rows if row["seed"] == seed] for seed in ("42", "43")}
        assert sum(map(len, of_seed.values())) == len(rows)
        for run_id, seed in ((earlier, "42"), (last, "43")):
            alone = httpx.get(f"{address}/api/runs/{run_id}/export.csv?table={what.lower()}", timeout=TIMEOUT_S).text
            assert of_seed[seed] == list(csv.DictReader(alone.splitlines()))
    assert (tmp_path / f"{last}-2-seeds-batches.csv").exists()
    picture = Picture(saved_file(page, "Training loss as SVG", tmp_path))
    assert "16 hidden units · seeds 42–43" in " ".join(picture.words)

    choose_action(page, "Export")
    again = "playground race --epochs 3 --hidden 16"
    expect(page.get_by_label("Command").first).to_have_value(f"{again}; {again} --seed 43")
    expect(page.get_by_text("2 races, one for each seed.")).to_be_visible()
    expect(page.get_by_text("Parquet and JSON have seed 43 alone")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")

    page.get_by_role("button", name="Share").click()
    page.get_by_role("dialog", name="Share").wait_for()
    link = page.get_by_label("This run").first.input_value()
    assert link == f"{address}/runs/{last}?series={earlier}"
    loaded(page.get_by_role("img", name="QR code of the link to this run"))
    assert f'src="{address}/embed/{last}"' in page.get_by_label("Embed code").first.input_value()
    recipient = open_page(link.removeprefix(address))
    expect(recipient.locator("[data-part=story]")).to_contain_text("Over 2 seeds")


def test_a_long_export_shows_its_progress(open_page, raced):
    page = open_page(raced(batch_size=1, epochs=3, hidden=[16]))
    settled(page)

    choose_action(page, "Export")
    page.evaluate(KEEP_NOTICES)
    network = page.context.new_cdp_session(page)
    # The megabyte takes two seconds, whatever the machine.
    slow = {"offline": False, "latency": 0, "downloadThroughput": 500_000, "uploadThroughput": -1}
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", slow)
    with page.expect_download() as download:
        page.get_by_role("button", name="Batches as CSV").click()

    assert download.value.suggested_filename.endswith("-batches.csv")
    told = [int(percent) for percent in re.findall(r"Making the CSV: (\d+)", " ".join(page.evaluate("window.said")))]
    assert told == sorted(told)
    assert len(set(told)) > 1
    expect(page.get_by_text("Making the CSV")).to_be_hidden()


def test_a_failed_csv_download_is_reported(open_page, over):
    page = open_page(over, tolerate=("Failed to load resource",))
    settled(page)
    notices = page.locator("[data-part=notices]")

    def ask(told: str) -> None:
        choose_action(page, "Export")
        page.get_by_role("button", name="Evaluations as CSV").click()
        expect(notices).to_contain_text(f"The CSV was not saved. {told}")

    page.context.set_offline(True)
    ask("The server cannot be reached. Is it running, and are you online?")
    page.context.set_offline(False)
    many = '{"error": {"code": "crowded", "message": "This server is sending as many files as it can."}}'
    page.route("**/export.csv*", lambda route: route.fulfill(status=503, body=many))
    ask("This server is sending as many files as it can.")
    page.unroute("**/export.csv*")
    later = {"Retry-After": "1"}
    page.route("**/export.csv*", lambda route: route.fulfill(status=503, body=many, headers=later), times=1)
    with page.expect_download():
        choose_action(page, "Export")
        page.get_by_role("button", name="Evaluations as CSV").click()


def test_the_server_saves_the_same_run_as_json_and_parquet(open_page, over, tmp_path):
    page = open_page(f"{over}?smoothing=0.5")
    settled(page)
    batches = saved(page, "Batches", tmp_path)

    table = read_table(saved_file(page, "Batches as Parquet", tmp_path, "link"))
    told = json.loads(saved_file(page, "Everything as JSON", tmp_path, "link").read_text())

    assert table.column_names == list(batches[0])
    assert table["smoothed_loss"].to_pylist() == pytest.approx([float(row["smoothed_loss"]) for row in batches])
    assert (told["run"]["id"], told["smoothing"]) == (page.url.rpartition("/")[2].partition("?")[0], 0.5)


def test_the_command_that_races_again_is_copied(open_page, over):
    page = open_page(over, permissions=["clipboard-read", "clipboard-write"])
    settled(page)
    choose_action(page, "Export")
    expect(page.get_by_label("Command").first).to_have_value(re.compile("^playground race"))

    page.get_by_role("button", name="Copy: Command").click()

    expect(page.get_by_role("status").filter(has_text="Copied.")).to_have_count(1)
    assert page.evaluate("navigator.clipboard.readText()") == "playground race --epochs 3 --hidden 16"
    assert violations(page) == []


def test_before_the_first_race_the_menu_says_that_there_is_nothing(open_page):
    page = open_page("/")

    choose_action(page, "Export")

    expect(page.get_by_text("There is nothing to export yet")).to_be_visible()
    expect(page.get_by_role("button", name="Batches as CSV")).to_be_hidden()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_text("There is nothing to export yet")).to_be_hidden()


def test_a_race_can_be_saved_while_it_goes_on(open_page, tmp_path):
    page = open_page(LONG)
    play(page)
    state(page, "racing")
    expect(page.locator("[data-part=story]")).to_contain_text("%")
    choose_action(page, "Export")
    assert violations(page) == []
    page.keyboard.press("Escape")

    rows = saved(page, "Batches", tmp_path)

    for lane in ("0", "1", "2"):
        steps = [int(row["step"]) for row in rows if row["lane"] == lane]
        assert steps == list(range(1, len(steps) + 1))
        assert steps
