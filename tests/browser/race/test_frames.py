"""An animation frame computes nothing twice, and none is requested while nothing changes."""

import pytest

from tests.browser.main_thread import CATEGORIES, frames_that_force
from tests.browser.reading import LONG, PACED, at_rest, batch, play, state
from tests.waiting import until

FAST = LONG.replace(f"pace={PACED['pace']}", "pace=500")
COUNT_FRAMES = """() => {
  const ask = window.requestAnimationFrame;
  window.asked = 0;
  window.requestAnimationFrame = callback => (window.asked += 1, ask(callback));
}"""


def test_hardly_a_frame_of_a_race_works_out_styles_or_places_before_all_is_written(browser, open_page):
    page = open_page(FAST)
    browser.start_tracing(page=page, categories=CATEGORIES)
    play(page)
    until(lambda: batch(page) >= 1500, "all lines have been drawn and described many times")
    trace = browser.stop_tracing()

    for work in ("UpdateLayoutTree", "Layout"):
        forced, frames = frames_that_force(trace, work)
        # Those in which a race begins may.
        assert forced <= max(3, frames // 10), (work, forced, frames)


@pytest.mark.parametrize("path", ["/", "over"])
def test_a_page_at_rest_requests_no_animation_frames(open_page, over, path):
    page = open_page("/healthz")
    page.clock.install()
    page.goto(over if path == "over" else path)
    state(page, "finished" if path == "over" else "idle")
    at_rest(page)
    answered = []
    page.on("requestfinished", lambda request: answered.append(request) if "/api/capacity" in request.url else None)
    page.evaluate(COUNT_FRAMES)

    # Every 15 seconds it requests the capacity; the answer is the same.
    for questions in (1, 2, 3):
        page.clock.run_for(16_000)
        until(lambda questions=questions: page.evaluate("1") and len(answered) >= questions, "it was answered")
    page.clock.run_for(10_000)
    assert page.evaluate("window.asked") == 0
