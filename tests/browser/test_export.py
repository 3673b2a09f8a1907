"""The menu Export saves what the server measured, number by number, and the charts as they are on show."""

import csv
import json
import re
from contextlib import suppress
from pathlib import Path
from xml.etree import ElementTree

import httpx
import numpy as np
import pytest
from matplotlib.image import imread
from playwright.sync_api import Page, expect
from pyarrow.parquet import read_table
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from app.runs.history import COLUMNS, Kind
from tests.browser.accessible import choose_theme, violations
from tests.browser.reading import KEEP_NOTICES, LONG, SHORT, choose_action, loaded, play, series, settled, state
from tests.browser.saved import SVG, Picture, saved_file
from tests.waiting import TIMEOUT_S
from tests.web.viewer import Viewer

LANES, COLOURS = ("SGD", "Momentum", "Adam"), ("orange", "green", "blue")


def measured(address: str, run_id: str) -> Viewer:
    """Somebody who has been told all of a run that is over."""
    viewer = Viewer(address.removeprefix("http://"), run_id)
    with connect(viewer.url, open_timeout=TIMEOUT_S) as socket, suppress(ConnectionClosed):
        while True:
            viewer.take(socket.recv(timeout=TIMEOUT_S))
    return viewer


def saved(page: Page, what: str, folder: Path) -> list[dict[str, str]]:
    with saved_file(page, f"{what} as CSV", folder).open(newline="") as opened:
        return list(csv.DictReader(opened))


def told_of(page: Page) -> dict:
    """The run on show, once all of it is drawn, as the server exports it."""
    settled(page)
    return page.evaluate(
        "fetch(location.pathname.replace('/runs/', '/api/runs/') + '/export.json').then(a => a.json())"
    )


def colour(page: Page, name: str) -> str:
    return page.evaluate(f"getComputedStyle(document.body).getPropertyValue('--{name}').trim()")


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


def test_a_long_export_tells_how_far_it_is(open_page, raced):
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


def test_a_csv_that_does_not_come_is_told(open_page, over):
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
    many = '{"error": {"code": "crowded", "message": "As many files are on their way as this server can make."}}'
    page.route("**/export.csv*", lambda route: route.fulfill(status=503, body=many))
    ask("As many files are on their way as this server can make.")
    page.unroute("**/export.csv*")
    later = {"Retry-After": "1"}
    page.route("**/export.csv*", lambda route: route.fulfill(status=503, body=many, headers=later), times=1)
    with page.expect_download():
        choose_action(page, "Export")
        page.get_by_role("button", name="Evaluations as CSV").click()


def test_a_chart_is_saved_as_lines_that_lie_where_the_values_are(open_page, over, tmp_path):
    page = open_page(f"{over}?x=epoch")
    told = told_of(page)

    for theme in ("light", "dark"):
        choose_theme(page, theme)
        picture = Picture(saved_file(page, "Test accuracy as SVG", tmp_path))

        assert {"Test accuracy", "accuracy", "epochs", *LANES} <= set(picture.words)
        assert page.url in picture.words
        # In the key, and at the lines' ends with the values there.
        assert [picture.words.count(lane) for lane in LANES] == [2, 2, 2]
        assert picture.root.find(f"{SVG}rect").get("fill") == colour(page, "panel")
        for lane, lane_colour in enumerate(COLOURS):
            (rows,) = (piece for piece in told["evaluations"] if piece["lane"] == lane)
            line = picture.line(colour(page, lane_colour))
            assert len(line) > 5
            for x, y in line:
                nearest = np.argmin(np.abs(np.array(rows["epoch"]) - x))
                assert (x, y) == pytest.approx((rows["epoch"][nearest], 100 * rows["test_accuracy"][nearest]), abs=0.2)
            assert line[-1] == pytest.approx([3, 100 * rows["test_accuracy"][-1]], abs=0.2)


def test_a_picture_shows_the_part_and_the_smoothing_that_are_on_show(open_page, over, tmp_path):
    page = open_page(f"{over}?smoothing=0&loss_scale=linear&x=step")
    told = told_of(page)
    plot = page.locator("[data-chart=train-loss] [data-part=plot]")
    plot.focus()
    for _ in range(3):
        plot.press("+")
    settled(page)

    picture = Picture(saved_file(page, "Training loss as SVG", tmp_path))

    steps = told["run"]["total_steps"]
    ticks = [float(text) for anchor, text, _ in picture.texts if anchor == "middle" and text != "batches"]
    plot.press("Escape")
    picture = Picture(saved_file(page, "Training loss as SVG", tmp_path))
    assert "every batch, values at the end of the race" in picture.words
    assert "learning rate 0.01 · batch 64 · 3 epochs · 16 hidden units · seed 42" in " ".join(picture.words)
    assert max(ticks) - min(ticks) <= steps / 8
    assert {"loss", "batches"} <= set(picture.words)
    raw = [node for node in picture.root.iter(f"{SVG}path") if node.get("stroke-opacity") == "0.7"]
    assert [node.get("stroke") for node in raw] == [colour(page, lane_colour) for lane_colour in COLOURS]


def test_the_picture_in_pixels_is_twice_as_large_and_has_every_colour(open_page, over, tmp_path):
    page = open_page(over)
    settled(page)

    for name in ("Training loss", "Push per weight"):
        root = ElementTree.parse(saved_file(page, f"{name} as SVG", tmp_path)).getroot()
        pixels = imread(saved_file(page, f"{name} as PNG", tmp_path))

        assert pixels.shape[:2] == (2 * round(float(root.get("height"))), 2 * round(float(root.get("width"))))
        seen = {tuple(each) for each in np.unique((pixels[..., :3] * 255).round().astype(int).reshape(-1, 3), axis=0)}
        for lane_colour in (*COLOURS, "panel"):
            assert tuple(bytes.fromhex(colour(page, lane_colour)[1:])) in seen, (name, lane_colour)
        references = re.findall(r'(?:href|src|url)[=(]"?(?!#)', ElementTree.tostring(root, encoding="unicode"))
        assert references == []


def test_a_chart_behind_the_closed_door_is_saved_as_well(open_page, over, tmp_path):
    page = open_page(over, instruments=False)
    settled(page)
    expect(page.locator("svg.push")).to_be_hidden()

    for name in ("Training accuracy", "Test loss", "Push per weight"):
        picture = Picture(saved_file(page, f"{name} as SVG", tmp_path))

        drawn = {path.get("stroke") for path in picture.root.iter(f"{SVG}path")}
        for lane_colour in COLOURS:
            hexadecimal = colour(page, lane_colour)
            red, green, blue = bytes.fromhex(hexadecimal[1:])
            assert drawn & {hexadecimal, f"rgb({red}, {green}, {blue})"}, (name, lane_colour)


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


def test_a_chart_that_is_closed_has_no_picture_in_the_menu(open_page, over):
    page = open_page(f"{over}?hide=test-loss")
    settled(page)

    choose_action(page, "Export")

    expect(page.get_by_role("button", name="Training loss as PNG")).to_be_visible()
    expect(page.get_by_role("button", name="Test loss as PNG")).to_be_hidden()


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
