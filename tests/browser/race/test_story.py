"""The page describes a race in the server's sentences, live and in a replay."""

from bisect import bisect_right
from math import ceil

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DIVERGED, OVER
from tests.browser.reading import state
from tests.waiting import TIMEOUT_S, until

# They would only take longer to follow a replay.
OTHER_PANELS = "train-loss,train-accuracy,test-accuracy,test-loss,gap,push,weights,digits,draw,confusion"

# Each takes the page some tenths of a second, since its panels take turns.
MOMENTS = 15

# Goes to moments of a replay one after the other; returns the sentences of those that differ from the expected ones.
LOOK = """async moments => {
  const slider = document.querySelector('[data-part=replay-at]');
  const story = document.querySelector('[data-part=story]');
  const words = ({ nodeName, textContent }) => nodeName === 'STRONG' ? `**${textContent}**` : textContent;
  const sentences = () => [...story.children].map(sentence => [...sentence.childNodes].map(words).join('').trim());
  for (const [place, expected] of moments) {
    slider.value = String(place);
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    const differs = () => sentences().join() !== expected.join();
    for (let frame = 0; frame < 600 && differs(); frame++) await new Promise(requestAnimationFrame);
    if (differs()) return [place, sentences()];
  }
}"""


def api(page: Page, address: str) -> str:
    return f"{address}/api{page.url.removeprefix(address).partition('?')[0]}"


def shown(page: Page) -> str:
    return page.locator("[data-part=story]").text_content().strip()


@pytest.mark.parametrize("race", [OVER, DIVERGED], ids=["short", "diverged"])
def test_a_replay_shows_the_servers_sentences_at_every_moment(open_page, raced, address, race):
    page = open_page(f"{raced(**race)}?hide={OTHER_PANELS}")
    state(page, "finished")
    run = httpx.get(api(page, address), timeout=TIMEOUT_S).json()
    moments = httpx.get(f"{api(page, address)}/story/moments", timeout=TIMEOUT_S).json()["moments"]
    length = max(lane["seconds"] for lane in run["lanes"])
    starts = [moment["seconds"] for moment in moments]
    expected = {
        place: moments[bisect_right(starts, place / 1000 * length) - 1]["sentences"]
        for place in (min(999, ceil(1000 * seconds / length)) for seconds in starts)
    }
    assert len(expected) > 10
    assert len({str(sentences) for sentences in expected.values()}) > 5

    some = list(expected.items())[:: ceil(len(expected) / MOMENTS)]
    assert page.evaluate(LOOK, [[1000, run["story"]], *some, [1000, run["story"]]]) is None


def test_a_live_race_shows_the_servers_sentences(open_page, address):
    page = open_page("/?epochs=100&batch_size=1&hidden=16&pace=100")
    page.get_by_role("button", name="Step one batch").click()
    state(page, "paused")

    def told() -> str:
        return httpx.get(f"{api(page, address)}/story", timeout=TIMEOUT_S).json()["text"]

    until(lambda: "guessing" in told() and shown(page) == told(), "the page tells what the server tells")


@pytest.mark.parametrize("how", ["cut", "offline"])
def test_a_replay_whose_story_cannot_be_loaded_says_so_and_shows_it_later(open_page, over, how):
    page = open_page(over, tolerate=("Failed to load resource",))
    state(page, "finished")
    if how == "cut":
        page.route("**/story/moments", lambda route: route.abort())
    page.context.set_offline(how == "offline")

    page.get_by_role("slider", name="Moment of the run").fill("500")
    expect(page.locator("[data-part=story]")).to_contain_text("could not be loaded. The server cannot be reached")
    page.unroute("**/story/moments")
    page.context.set_offline(False)

    expect(page.locator("[data-part=story]")).not_to_contain_text("could not be loaded")
    expect(page.locator("body")).to_have_attribute("data-replaying", "")
