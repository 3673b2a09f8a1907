"""Every value that a chart shows is the CSV's for the batch that it names: in the legend, the table and in words."""

import csv
import io
import re
from itertools import groupby
from typing import NamedTuple

import httpx
import numpy as np
from playwright.sync_api import Page, expect

from tests.browser.conftest import DIVERGED
from tests.browser.reading import CHARTS, chart, drawn, settled
from tests.waiting import TIMEOUT_S, until

# Some 750 batches a lane: a few of them on every pixel, and evaluations far apart.
RACE = {"epochs": 3, "batch_size": 8, "hidden": [32]}
AXES = ("log", "step", "epoch", "examples", "seconds")
COLUMNS = {
    "train-loss": ("batches", "loss", "smoothed_loss"),
    "train-accuracy": ("batches", "accuracy", "smoothed_accuracy"),
    "test-accuracy": ("evaluations", "test_accuracy", "test_accuracy"),
    "test-loss": ("evaluations", "test_loss", "test_loss"),
}

# Each frame's place and values of the charts under the cursor, once each.
RECORD = """() => {
  window.readings = new Set();
  const text = (node, name) => node.querySelector(name).textContent;
  const note = () => {
    for (const figure of document.querySelectorAll('.chart[data-hovered]')) {
      const values = [...figure.querySelectorAll('.legend li')].map((li) => [text(li, '.value'), text(li, '.raw')]);
      window.readings.add(JSON.stringify([figure.dataset.chart, text(figure, '.where'), values]));
    }
    window.recording = requestAnimationFrame(note);
  };
  note();
}"""
RECORDED = "() => { cancelAnimationFrame(window.recording); return [...window.readings].map(JSON.parse); }"

Rows = list[dict[str, str]]


class Reading(NamedTuple):
    chart: str
    # As it is written: "at batch 8".
    place: str
    # Of each lane the bold value and what stands beside it.
    values: list[list[str]]


class Measured:
    """A run as its CSV has it."""

    def __init__(self, address: str, run_id: str, smoothing: float) -> None:
        run = httpx.get(f"{address}/api/runs/{run_id}", timeout=TIMEOUT_S).json()
        self.batch_size = run["config"]["batch_size"]
        self.lanes: dict[str, list[Rows]] = {}
        for table in ("batches", "evaluations"):
            query = {"table": table, "smoothing": smoothing}
            export = f"{address}/api/runs/{run_id}/export.csv"
            text = httpx.get(export, params=query, timeout=TIMEOUT_S).text
            by_lane = groupby(csv.DictReader(io.StringIO(text)), lambda row: row["lane"])
            self.lanes[table] = [list(rows) for _, rows in by_lane]

    def step_of(self, place: str) -> int | None:
        """The batch that a place names; None for a time."""
        if found := re.search(r"batch ([\d,]+)$", place):
            return int(found[1].replace(",", ""))
        if found := re.search(r"([\d,]+) examples$", place):
            return int(found[1].replace(",", "")) // self.batch_size
        return None

    def row(self, name: str, lane: int, place: str) -> tuple[dict[str, str] | None, bool]:
        """The value that a chart should show for a lane, and whether it has to name the batch."""
        rows = self.lanes[COLUMNS[name][0]][lane]
        trained = self.lanes["batches"][lane][-1]
        step = self.step_of(place)
        if step is not None:
            found = [row for row in rows if int(row["step"]) <= step]
            known = step <= int(trained["step"]) and found
            return (found[-1], int(found[-1]["step"]) != step) if known else (None, False)
        time, quantum = time_of(place)
        found = [row for row in rows if np.float32(row["seconds"]) <= np.float32(time)]
        known = float(trained["seconds"]) > time - quantum and found
        return (found[-1], True) if known else (None, False)


def time_of(place: str) -> tuple[float, float]:
    minutes, seconds = re.search(r"(?:(\d+) min )?([\d.]+)\u202fs$", place).groups()
    return int(minutes or 0) * 60 + float(seconds), 10.0 ** -len(seconds.partition(".")[2])


def tells(text: str, value: str) -> bool:
    """Whether a number on the page is the one in the CSV, as precisely as it is written."""
    written, percent = re.sub("[\u202f%]", "", text), "%" in text
    exact = float(value) * (100 if percent else 1)
    digits, _, power = written.partition("e")
    unit = 10.0 ** (int(power or 0) - len(digits.partition(".")[2]))
    return abs(float(written) - exact) <= unit * 0.500001


def wrong(
    measured: Measured, reading: Reading, smoothed: bool, partly: bool = False, in_words: bool = False
) -> list[str]:
    """Where a reading differs from the CSV; `partly` allows values to be missing.

    Words and tables have room for the batches that lanes were at in a second, too.
    """
    _, raw, bold = COLUMNS[reading.chart]
    by_batch = raw != bold
    faults = []
    for lane, (main, beside) in enumerate(reading.values):
        row, other = measured.row(reading.chart, lane, reading.place)
        if partly and main == "–":
            continue
        expected = ["–", ""]
        if row:
            by_step = measured.step_of(reading.place) is not None
            note = f"{int(row['step']):,}" if other and (by_step or in_words) else ""
            exact = row[raw] if smoothed and by_batch else ""
            expected = [row[bold if smoothed else raw], exact or (note and f"{'batch' if in_words else 'at'} {note}")]
            right = main != "–" and tells(main, expected[0])
            right = right and (tells(beside, exact) if exact else beside == expected[1])
        else:
            right = [main, beside] == expected
        if not right:
            faults.append(f"{reading.chart} {reading.place}, lane {lane}: {main} {beside}, not {expected}")
    return faults


def swept(page: Page, name: str = "train-loss", every_px: int = 5) -> list[Reading]:
    """What all charts showed while the mouse moved across one from edge to edge."""
    over = chart(page, name).locator(".u-over")
    over.scroll_into_view_if_needed()
    box = over.bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"], y)
    page.evaluate(RECORD)
    page.mouse.move(box["x"] + box["width"] - 1, y, steps=round(box["width"] / every_px))
    drawn(page)
    readings = [Reading(*reading) for reading in page.evaluate(RECORDED)]
    page.mouse.move(5, 5)
    return readings


def agree(page: Page, measured: Measured, smoothed: bool, places: int, partly: bool = False) -> None:
    """All readings of a sweep are the CSV's, and they are of at least so many places."""
    readings = swept(page)
    assert {reading.chart for reading in readings} == set(CHARTS)
    assert len({reading.place for reading in readings if reading.chart == "train-loss"}) >= places
    assert [fault for reading in readings for fault in wrong(measured, reading, smoothed, partly)] == []


def run_id(page: Page) -> str:
    return re.search("/runs/([^?]+)", page.url)[1]


def choose(page: Page, axis: str) -> None:
    page.locator(f'[data-part=view] input[name=x][value="{axis}"]').check(force=True)
    drawn(page)


def zoom(page: Page, start: float, end: float) -> None:
    box = chart(page, "train-loss").locator(".u-over").bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * start, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * end, y, steps=2)
    page.mouse.up()
    page.mouse.move(5, 5)
    expect(page.get_by_role("button", name="Whole axis")).to_be_enabled()
    drawn(page)


def test_what_is_under_the_cursor_is_of_the_batch_that_is_named(open_page, raced, address):
    page = open_page(raced(**RACE))
    settled(page)
    smooth = Measured(address, run_id(page), 0.95)
    for axis in AXES:
        choose(page, axis)
        agree(page, smooth, smoothed=True, places=30)
    # Some batches are now wider than a pixel.
    zoom(page, 0.05, 0.09)
    agree(page, smooth, smoothed=True, places=15)


def test_tables_and_words_are_of_the_batch_that_is_named(open_page, raced, address):
    page = open_page(f"{raced(**RACE)}?smoothing=0")
    settled(page)
    exact = Measured(address, run_id(page), 0)
    for axis in AXES:
        choose(page, axis)
        for name in ("train-loss", "test-accuracy"):
            readings = told_by_table(page, name)
            assert len(readings) > 10
            # What is spoken waits for a second after what was.
            if (axis, name) in [("step", "train-loss"), ("seconds", "test-accuracy")]:
                readings += spoken(page, name, ("Home", "ArrowRight", "End"))
            assert [fault for each in readings for fault in wrong(exact, each, smoothed=False, in_words=True)] == []


def told_by_table(page: Page, name: str) -> list[Reading]:
    chart(page, name).get_by_role("button", name="as a table").click()
    dialog = page.locator("dialog[data-part=tables]")
    rows = [row.split("\t") for row in dialog.locator("tbody").inner_text().split("\n")]
    page.keyboard.press("Escape")
    return [Reading(name, place, [apart(cell) for cell in cells]) for place, *cells in rows]


def spoken(page: Page, name: str, keys: tuple[str, ...]) -> list[Reading]:
    chart(page, name).locator("[data-part=plot]").focus()
    announcer, readings = page.locator("[data-part=announcer]"), []
    for key in keys:
        page.keyboard.press(key)
        drawn(page)
        place = chart(page, name).locator("[data-part=where]").inner_text()
        until(lambda place=place: place in announcer.inner_text(), f"{place} is spoken")
        values = re.findall(r"(?:SGD|Momentum|Adam) (.+?)(?=, [SMA]|\.$)", announcer.inner_text())
        readings.append(Reading(name, place, [apart(value) for value in values]))
    page.keyboard.press("Escape")
    return readings


def apart(text: str) -> list[str]:
    """A value and the batch that stands behind it, as the legend has them."""
    value, _, step = text.removesuffix(")").partition(" (")
    return ["–" if value == "no value" else value, step]


def test_a_replay_over_an_earlier_run_and_a_mean_over_seeds_are_read_exactly(open_page, raced, address):
    first, last = (raced(**RACE, seed=seed).removeprefix("/runs/") for seed in (42, 43))
    page = open_page(f"/runs/{last}?series={first}&x=step&smoothing=0")
    expect(chart(page, "train-loss").locator("[data-part=where]")).to_contain_text("mean of 2 seeds")
    settled(page)
    seeds = [Measured(address, seed, 0) for seed in (first, last)]
    readings = swept(page)
    assert len({reading.place for reading in readings}) > 30
    assert [reading for reading in readings if not is_mean(seeds, reading)] == []

    page.goto(f"/runs/{last}?x=step&smoothing=0&ghosts={first}")
    settled(page)
    page.get_by_role("slider", name="Moment of the run").fill("500")
    expect(page.locator("[data-part=status]")).to_have_text("Replay")
    agree(page, seeds[1], smoothed=False, places=30, partly=True)
    assert any("–" not in main for reading in swept(page) for main, _ in reading.values)


def is_mean(seeds: list[Measured], reading: Reading) -> bool:
    _, raw, _ = COLUMNS[reading.chart]
    for lane, (main, _) in enumerate(reading.values):
        rows = [seed.row(reading.chart, lane, reading.place) for seed in seeds]
        if any(row is None or other for row, other in rows) or main == "–":
            return False
        if not tells(main, str(np.mean([float(row[raw]) for row, _ in rows]))):
            return False
    return True


def test_a_loss_that_overflowed_is_heard_as_it_is_read(open_page, raced):
    page = open_page(raced(**DIVERGED), instruments=False)
    settled(page)

    expect(chart(page, "train-loss").locator(".ends p").first).to_have_text("SGD diverged")
    heard = re.compile(r"newest values: SGD diverged, Momentum [\d.]+, Adam [\d.]+\.")
    expect(chart(page, "train-loss").locator("[data-part=plot]")).to_have_attribute("aria-label", heard)
