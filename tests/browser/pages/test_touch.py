"""Figures of How it works under a finger."""

import re

from playwright.sync_api import Page, expect

from tests.waiting import until

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
STEP = 8


def place(page: Page, selector: str) -> tuple[float, float]:
    box = page.locator(selector).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_finger_drags_a_ball_and_does_not_scroll_the_page(open_page) -> None:
    page = open_page("/how-it-works", **PHONE)
    steps = page.locator("[data-part=step-number]")
    expect(page.locator("[data-part=averages] .corrected[d]")).to_have_count(1)
    page.get_by_role("slider", name="Where the balls start").scroll_into_view_if_needed()
    finger = page.context.new_cdp_session(page)

    def touch(kind: str, *at: float) -> None:
        points = [{"x": at[0], "y": at[1]}] if at else []
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    scrolled = page.evaluate("scrollY")
    x, y = place(page, "[data-ball=adam] circle")
    touch("touchStart", x, y)
    for moved in range(1, 9):
        touch("touchMove", x + moved, y + STEP * moved)
        until(
            lambda moved=moved: abs(place(page, ".handle")[1] - (y + STEP * moved)) < 2, "the start follows the finger"
        )
    expect(steps).to_have_text("after 0 steps")
    touch("touchEnd")

    expect(steps).to_have_text("after 80 steps")
    expect(page.get_by_role("button", name=re.compile("Let them roll"))).to_be_visible()
    assert page.evaluate("scrollY") == scrolled
