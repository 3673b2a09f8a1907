"""`make bench-page`: what the page costs a browser, measured by Chromium's own tracing on a real server.

Everything runs on one machine, as it does for a person who tries the playground out: the server, its workers at full
speed, and the browser. Medians of several rounds are printed and compared with one table of bounds.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright
from rich.console import Console
from rich.table import Table

from app.settings import Settings
from benchmarks.effort import Rounds
from benchmarks.stages import Stages
from tests.browser.bench_experiments import recorded_answers
from tests.browser.bench_long_run import long_run
from tests.browser.bench_visits import CLICK_UNTIL, IN_EPOCH, fresh_page
from tests.browser.chromium import launch
from tests.browser.conftest import WIDE
from tests.browser.main_thread import CATEGORIES, main_thread
from tests.server_process import served

RACES = Rounds(3, 20)
LONG_RACES = Rounds(3, 60)
PRESSES = Rounds(9, 15, least=3)
VISITS = Rounds(9, 15, least=3)
LONG_RACE = "/?epochs=50&hidden=16"
# Over in a moment.
SHORT_RACE = "/?epochs=1&hidden=16"
AT_REST_MS = 10_000
# Of 50, with some left to pause the race in.
EPOCHS_LOOKED_AT = (10, 40)
# All panels are in the window, since those out of view are drawn after the race.
TALL = {"width": WIDE["width"], "height": 5_000}
# Until every panel has had its turn.
ALL_DRAWN_MS = 3_000

# figure: (the most it may be, what it is)
FLOORS = {
    # By the clock on the wall it also waits for the core that a lane, the server or another thread of Chromium has.
    "own_script_ms_p95": (4.0, "script per animation frame, the page's own processor time, 95th percentile (ms)"),
    "long_run_own_script_ms_max": (16.0, "the same at most, with 3 × 240,000 batches, whatever a visitor does (ms)"),
    "idle_percent": (0.5, "of a core for a tab that shows no race, or one that is over, with all of Chromium (%)"),
    "own_long_tasks": (0, "tasks over 50 ms of the page's own processor time in a race"),
    "first_paint_ms": (300.0, "from the request to the first paint (ms)"),
    "recorded_answer_ms": (1000.0, "from the request to an experiment's recorded answer and picture, the slowest (ms)"),
    "press_to_point_ms": (100.0, "from the press to the first point of a curve (ms)"),
    "heap_growth_kb": (512.0, "heap after 40 epochs over that after 10 (KB)"),
    "bytes_a_batch": (48.0, "kept for each batch of a lane (bytes)"),
    "more_nodes": (20, "DOM nodes after 40 epochs over those after 10"),
    "more_listeners": (0, "event listeners after 40 epochs over those after 10"),
}

# A point is drawn when a line that is not empty is stroked on the chart of every batch.
PRESS = """() => new Promise(done => {
  const { lineTo } = Path2D.prototype;
  const { stroke } = CanvasRenderingContext2D.prototype;
  let points = 0;
  Path2D.prototype.lineTo = function (...to) { points += 1; lineTo.apply(this, to); };
  CanvasRenderingContext2D.prototype.stroke = function (...path) {
    stroke.apply(this, path);
    if (points === 0 || !this.canvas.closest('[data-chart=train-loss]')) return;
    Path2D.prototype.lineTo = lineTo;
    CanvasRenderingContext2D.prototype.stroke = stroke;
    done(performance.now() - pressed);
  };
  const pressed = performance.now();
  document.querySelector('[data-part=play]').click();
})"""

PAINTED = """() => new Promise(done => new PerformanceObserver(list => {
  const found = list.getEntriesByName('first-paint')[0];
  if (found) done(found.startTime);
}).observe({ type: 'paint', buffered: true }))"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench-page", description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures too")
    arguments = parser.parse_args()
    data = Settings.model_fields["data_dir"].default
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as cache:
        browser = launch(playwright)
        with served(data, Path(cache)) as (_, address):
            figures = {}
            with Stages(Console()) as stages:
                for what, measure in STAGES.items():
                    stages.begin(what)
                    figures |= measure(browser, address)
        browser.close()
    show(figures)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")
    sys.exit(1 if too_much(figures) else 0)


def first_paint(browser: Browser, address: str) -> dict[str, float]:
    times = []
    for _ in VISITS:
        with fresh_page(browser, address) as page:
            times.append(page.evaluate(PAINTED))
    return {"first_paint_ms": statistics.median(times), "first_paint_ms_max": max(times)}


def press_to_point(browser: Browser, address: str) -> dict[str, float]:
    times = []
    for _ in PRESSES:
        with fresh_page(browser, address) as page:
            times.append(page.evaluate(PRESS))
            page.evaluate(CLICK_UNTIL, ["stop", "stopped"])
    return {"press_to_point_ms": statistics.median(times), "press_to_point_ms_max": max(times)}


def full_speed(browser: Browser, address: str) -> dict[str, float]:
    """Default races, traced from the press to the end."""
    races = []
    for _ in RACES:
        with fresh_page(browser, address) as page:
            browser.start_tracing(page=page, categories=CATEGORIES)
            page.evaluate(CLICK_UNTIL, ["play", "finished"])
            races.append(main_thread(browser.stop_tracing()))
    median = statistics.median
    return {
        "frames": median(len(race.script_ms) for race in races),
        "script_ms_median": median(median(race.script_ms) for race in races),
        "script_ms_p95": median(statistics.quantiles(race.script_ms, n=20)[-1] for race in races),
        "script_ms_max": median(max(race.script_ms) for race in races),
        "own_script_ms_p95": median(statistics.quantiles(race.own_script_ms, n=20)[-1] for race in races),
        "own_script_ms_max": median(max(race.own_script_ms) for race in races),
        "long_tasks": median(race.long_tasks for race in races),
        "longest_task_ms": median(race.longest_task_ms for race in races),
        "own_long_tasks": median(race.own_long_tasks for race in races),
        "own_longest_task_ms": median(race.own_longest_task_ms for race in races),
    }


def at_rest(browser: Browser, address: str) -> dict[str, float]:
    """The share of a core that an idle Chromium uses: the larger of before a race and after it."""
    inspector = browser.new_browser_cdp_session()

    def used() -> float:
        return sum(process["cpuTime"] for process in inspector.send("SystemInfo.getProcessInfo")["processInfo"])

    shares = []
    for raced in (False, True):
        with fresh_page(browser, address, SHORT_RACE) as page:
            if raced:
                page.evaluate(CLICK_UNTIL, ["play", "finished"])
            page.wait_for_timeout(3_000)
            before = used()
            page.wait_for_timeout(AT_REST_MS)
            shares.append((used() - before) / AT_REST_MS * 1e5)
    return {"idle_percent": max(shares)}


def memory(browser: Browser, address: str) -> dict[str, float]:
    """What a race of 50 epochs leaves; medians, since code that Chromium compiles lies in the heap, too."""
    races = [kept_of_a_race(browser, address) for _ in LONG_RACES]
    return {name: statistics.median(race[name] for race in races) for name in races[0]}


def kept_of_a_race(browser: Browser, address: str) -> dict[str, float]:
    """What is left after garbage collection, early and late in a race of 50 epochs with a small network.

    Both times it is paused and all panels are drawn, so that what one had still to draw is not taken for a leak.
    The columns of every batch are kept outside of the heap, in typed arrays that double; the heap itself, the nodes and
    the listeners stay as they are.
    """
    looks = []
    with fresh_page(browser, address, LONG_RACE) as page:
        inspector = page.context.new_cdp_session(page)
        inspector.send("HeapProfiler.enable")
        inspector.send("Performance.enable")
        page.set_viewport_size(TALL)
        for epoch in EPOCHS_LOOKED_AT:
            page.evaluate(CLICK_UNTIL, ["play", "racing"])
            page.wait_for_function(IN_EPOCH, arg=epoch, polling=50, timeout=300_000)
            page.evaluate(CLICK_UNTIL, ["play", "paused"])
            page.wait_for_timeout(ALL_DRAWN_MS)
            looks.append(look(inspector, page))
    first, last = looks
    return {
        "heap_mb": last["heap"] / 1e6,
        "heap_growth_kb": (last["heap"] - first["heap"]) / 1e3,
        "bytes_a_batch": (last["columns"] - first["columns"]) / (last["batches"] - first["batches"]),
        "more_nodes": last["nodes"] - first["nodes"],
        "more_listeners": last["listeners"] - first["listeners"],
    }


def look(inspector: CDPSession, page: Page) -> dict[str, float]:
    run = page.request.get(f"/api{page.evaluate('location.pathname')}").json()
    inspector.send("HeapProfiler.collectGarbage")
    usage = inspector.send("Runtime.getHeapUsage")
    counts = {each["name"]: each["value"] for each in inspector.send("Performance.getMetrics")["metrics"]}
    return {
        "heap": usage["usedSize"],
        "columns": usage["backingStorageSize"],
        "nodes": counts["Nodes"],
        "listeners": counts["JSEventListeners"],
        "batches": sum(lane["steps"] for lane in run["lanes"]),
    }


STAGES = {
    "the first paint": first_paint,
    "from the press to the first point": press_to_point,
    "recorded answers of the experiments": recorded_answers,
    "races at full speed": full_speed,
    "a tab at rest": at_rest,
    "memory over 50 epochs": memory,
    "a long race": long_run,
}


def too_much(figures: dict[str, float]) -> list[str]:
    """The figures that are above their floors."""
    return [name for name, (most, _) in FLOORS.items() if figures[name] > most]


def show(figures: dict[str, float]) -> None:
    table = Table(title=f"The page in Chromium, {WIDE['width']}×{WIDE['height']}, {os.cpu_count()} cores (medians)")
    for name in ("", "measured", "at most"):
        table.add_column(name, justify="left" if name == "" else "right")
    failed = too_much(figures)
    for name, value in figures.items():
        most, meaning = FLOORS.get(name, (None, name))
        mark = " ✗" if name in failed else ""
        table.add_row(meaning, f"{value:,.1f}{mark}", "" if most is None else f"{most:g}")
    Console().print(table)


if __name__ == "__main__":
    main()
