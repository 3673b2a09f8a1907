"""Reads what a person would see on the page."""

import re
from urllib.parse import urlencode

import httpx
from playwright.sync_api import Locator, Page, expect

from tests.waiting import TIMEOUT_S, until

# Long enough to be looked at on the fastest machine, and at a pace that leaves other tests the processor.
PACED = {"batch_size": 1, "epochs": 100, "hidden": 64, "x": "seconds", "pace": 100}
LONG = "/?" + urlencode(PACED)
# As long at full speed: hundreds of thousands of batches of one digit, in a layer so wide that they take minutes.
FULL_SPEED = "/?" + urlencode({"batch_size": 1, "epochs": 100, "hidden": 512, "x": "seconds"})
SHORT = "/?" + urlencode({"epochs": 3, "hidden": 16})
DEFAULT = "/"
DIVERGING = "/?" + urlencode({"epochs": 2, "hidden": "256,256,256", "sgd.learning_rate": 3})

SIX_LANES = "&" + urlencode(
    {
        "lanes": "sgd,momentum,adam,adam,lion,nesterov",
        "adam2.learning_rate": 0.001,
        "adam2.schedule": "cosine",
        "lion.beta1": 0.5,
    },
    safe=",",
)
SIX = SHORT + SIX_LANES

CHARTS = ("train-loss", "train-accuracy", "test-accuracy", "test-loss")

COUNT_COLOURS = """canvas => {
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
  const style = getComputedStyle(document.documentElement);
  return ['--orange', '--green', '--blue'].map(name => {
    const [r, g, b] = style.getPropertyValue(name).match(/[0-9a-f]{2}/gi).map(hex => parseInt(hex, 16));
    let count = 0;
    for (let i = 0; i < data.length; i += 4) count += data[i] === r && data[i + 1] === g && data[i + 2] === b;
    return count;
  });
}"""


# How many pixels of a chart belong to earlier runs.
EARLIER = """figure => {
  const canvas = figure.querySelector('canvas.earlier');
  if (!canvas.width) return 0;
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let i = 3; i < data.length; i += 4) count += data[i] > 0;
  return count;
}"""

# Whether all charts' axes and lines stay as they are for some frames, however long these take.
SETTLED = """async () => {
  const all = document.querySelectorAll('[data-chart] canvas');
  const look = () => [...all].map(canvas => canvas.toDataURL()).join();
  const before = look();
  for (let frame = 0; frame < 20; frame++) await new Promise(requestAnimationFrame);
  return look() === before;
}"""

STILL = """() => {
  const passing = document.getAnimations().filter(each => each.effect.getComputedTiming().endTime !== Infinity);
  return Promise.allSettled(passing.map(({ finished }) => finished));
}"""

SHIFT_WINDOW_S, SHIFT_REST_S = 5.0, 1.0
WATCH_SHIFTS = """() => {
  window.shifts = [];
  const name = ({ node }) => node?.className || node?.parentElement?.className || 'unknown';
  const entry = ({ value, sources, startTime }) => [startTime / 1000, value, sources.map(name)];
  const add = list => window.shifts.push(...list.getEntries().map(entry));
  new PerformanceObserver(add).observe({ type: 'layout-shift' });
}"""

# What the page shows now, and all that it changes to.
KEEP_STATES = """() => {
  window.states = [document.body.dataset.state];
  const note = () => window.states.push(document.body.dataset.state);
  new MutationObserver(note).observe(document.body, { attributeFilter: ['data-state'] });
}"""

# All that a node says from now on, however short a time.
KEEP_TEXTS = """node => {
  window.texts = [];
  const watcher = new MutationObserver(() => window.texts.push(node.textContent));
  watcher.observe(node, { childList: true, subtree: true, characterData: true });
}"""

# What the notices say from now on, however short a time they say it.
KEEP_NOTICES = """() => {
  const notices = document.querySelector('[data-part=notices]');
  window.said = [];
  const watcher = new MutationObserver(() => window.said.push(notices.textContent));
  watcher.observe(notices, { childList: true, subtree: true, characterData: true });
}"""

# How far to the right a chart shows each lane's colour, as a share of the width of its plot, and that width in pixels.
PENS = """figure => {
  const canvas = figure.querySelector('canvas.lines');
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
  const { width, height } = canvas;
  const { data } = copy.getImageData(0, 0, width, height);
  const [over, all] = ['.u-over', 'canvas.lines'].map(name => figure.querySelector(name).getBoundingClientRect());
  const style = getComputedStyle(document.documentElement);
  const pens = ['--orange', '--green', '--blue'].map(name => {
    const [r, g, b] = style.getPropertyValue(name).match(/[0-9a-f]{2}/gi).map(hex => parseInt(hex, 16));
    for (let x = width - 1; x >= 0; x--) {
      for (let y = 0; y < height; y++) {
        const i = (y * width + x) * 4;
        const hit = data[i] === r && data[i + 1] === g && data[i + 2] === b;
        if (hit) return (x * all.width) / width + all.left - over.left;
      }
    }
    return null;
  });
  return { pens, width: over.width };
}"""


def watch_shifts(page: Page) -> None:
    page.evaluate(WATCH_SHIFTS)


def shifted(page: Page) -> tuple[float, list]:
    """The cumulative layout shift since, and what moved by how much.

    As https://web.dev/articles/cls defines it, so that it does not grow with the time a test takes: the largest sum
    within a window of at most five seconds that ends with a second of rest.
    """
    shifts = page.evaluate("window.shifts")
    largest, began, last, moved = 0.0, -SHIFT_WINDOW_S, -SHIFT_WINDOW_S, 0.0
    for at, value, _ in shifts:
        if at - last >= SHIFT_REST_S or at - began >= SHIFT_WINDOW_S:
            began, moved = at, 0.0
        last, moved = at, moved + value
        largest = max(largest, moved)
    return largest, shifts


def state(page: Page, expected: str) -> None:
    """Wait until the page is in this state."""
    expect(page.locator("body")).to_have_attribute("data-state", expected)


def finished(page: Page) -> None:
    play(page)
    settled(page)


def still(page: Page) -> None:
    """No colour or place is on its way to another one."""
    page.evaluate(STILL)


def settled(page: Page) -> None:
    """The run is over, and the curves have come to rest."""
    state(page, "finished")
    at_rest(page)


def at_rest(page: Page) -> None:
    """The curves stay as they are: all that came is drawn, and the axes have arrived where they were going."""
    until(lambda: page.evaluate(SETTLED), "the curves have come to rest")


def drawn(page: Page) -> None:
    """What the page showed at the time of the call."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def another(page: Page, before: str) -> None:
    """The page has gone on from the run at this address to another one, and shows nothing of the first any more."""
    page.wait_for_url(lambda url: url != before)
    drawn(page)


def series(page: Page) -> None:
    """The last of two seeds is over, and the curves have come to rest."""
    page.wait_for_url(re.compile("/runs/.*series="))
    drawn(page)
    settled(page)


def play(page: Page) -> None:
    page.get_by_role("button", name="Play", exact=True).click()


def pause(page: Page) -> None:
    page.get_by_role("button", name="Pause", exact=True).click()
    state(page, "paused")


def open_settings(page: Page) -> None:
    """Open the drawer with the settings and the lanes of the next race, if it is closed."""
    toggle = page.locator("[data-part=settings-toggle]")
    if toggle.get_attribute("aria-expanded") != "true":
        toggle.click()
    expect(page.locator("[data-part=drawer]")).to_be_visible()


def choose_action(page: Page, name: str | re.Pattern[str]) -> None:
    """Choose what is behind the button More of the header."""
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("group", name="More", exact=True).get_by_role("button", name=name).click()


def batch(page: Page) -> int:
    """How far the furthest lane is, as the page says."""
    said = re.match(r"batch (?:.* to )?([\d,]+).* of ", page.locator("[data-part=detail]").inner_text())
    return int(said[1].replace(",", "")) if said else 0


def chart(page: Page, name: str) -> Locator:
    return page.locator(f'[data-chart="{name}"]')


def ink(page: Page, name: str) -> list[int]:
    """How many pixels of each lane's colour a chart shows: SGD, Momentum, Adam."""
    return chart(page, name).locator("canvas.lines").evaluate(COUNT_COLOURS)


def picture(page: Page, name: str) -> list[str]:
    """A chart's axes and lines, to compare with another one's."""
    return chart(page, name).locator("canvas").evaluate_all("all => all.map(canvas => canvas.toDataURL())")


def legend(page: Page, name: str) -> list[str]:
    return chart(page, name).locator("[data-part=legend] li").all_inner_texts()


def earlier(page: Page) -> list[bool]:
    """Which charts show an earlier run."""
    return [chart(page, name).evaluate(EARLIER) > 0 for name in CHARTS]


def lane_status(page: Page, lane: int) -> str | None:
    return page.locator(f'.standings [data-lane="{lane}"]').get_attribute("data-status")


def changed(page: Page, before: dict[str, list[str]]) -> None:
    for name in CHARTS:
        until(lambda name=name: picture(page, name) != before[name], f"{name} shows another part")


def pictures(page: Page) -> dict[str, list[str]]:
    page.mouse.move(5, 5)
    return {name: picture(page, name) for name in CHARTS}


def loaded(image: Locator) -> None:
    """Until a picture that the page has requested is loaded."""
    until(lambda: image.evaluate("image => image.complete && image.naturalWidth > 0"), "the picture is there")


def draw_a_one(page: Page) -> None:
    """In the middle of the pad, wherever the page has moved it meanwhile."""
    pad = page.locator("[data-part=pad]")
    box = pad.bounding_box()
    middle, top, bottom = box["width"] / 2, 15, box["height"] - 15
    pad.hover(position={"x": middle, "y": top})
    page.mouse.down()
    for share in (0.25, 0.5, 0.75, 1):
        pad.hover(position={"x": middle, "y": top + (bottom - top) * share})
    page.mouse.up()


def swept_there(page: Page) -> dict:
    """What the server says of the sweep on the page."""
    root, _, sweep_id = page.url.rpartition("/sweeps/")
    return httpx.get(f"{root}/api/sweeps/{sweep_id}", timeout=TIMEOUT_S).json()
