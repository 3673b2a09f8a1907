"""A finished run played again, in a real browser."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from tests.browser.reading import CHARTS, PENS, chart, legend, picture, pictures, settled
from tests.waiting import until


def test_a_finished_run_can_be_played_again_from_any_moment(open_page, over):
    page = open_page("/")
    bar = page.get_by_role("region", name="Replay")
    again = bar.get_by_role("button", name="Replay", exact=True)
    expect(again).to_be_disabled()
    page.goto(over)
    settled(page)
    end = {name: (legend(page, name), pictures(page)[name]) for name in CHARTS}
    standings = page.locator(".standings").inner_text()

    slider = bar.get_by_role("slider", name="Moment of the run")
    slider.fill(str(moment_of_all(page)))

    expect(page.locator("[data-part=status]")).to_have_text("Replay")
    expect(bar).to_contain_text("Hard digits and pictures show the end of the run.")
    for name in CHARTS:
        until(lambda name=name: picture(page, name) != end[name][1], f"{name} shows an earlier moment")
    until(lambda: page.locator(".standings").inner_text() != standings, "the standings are of that moment")
    expect(page.locator(".standings .lane-status")).to_have_text(["running"] * 3)
    then = slider.input_value()
    bar.get_by_label("0.1×").check()
    again.click()
    until(lambda: float(slider.input_value()) > float(then), "the replay goes on")
    bar.get_by_label("16×").check()

    expect(page.locator("[data-part=status]")).to_have_text("Finished")
    for name in CHARTS:
        until(lambda name=name: (legend(page, name), picture(page, name)) == end[name], f"{name} shows the end again")
    until(lambda: page.locator(".standings").inner_text() == standings, "the standings are those of the end again")


def test_the_axis_of_a_replay_ends_just_past_the_leader(open_page, over):
    page = open_page(over)
    settled(page)

    page.get_by_role("slider", name="Moment of the run").fill("200")

    expect(page.locator("[data-part=status]")).to_have_text("Replay")
    until(lambda: ends_past_the_leader(page), "the axis ends just past the leader")


def ends_past_the_leader(page: Page) -> bool:
    seen = chart(page, "train-loss").evaluate(PENS)
    return 0.6 * seen["width"] < max(x for x in seen["pens"] if x is not None) <= seen["width"] + 8


def moment_of_all(page: Page) -> int:
    """Where on the slider every lane is in the middle of its race: some train for longer than others."""
    lanes = page.request.get(f"/api{urlsplit(page.url).path}").json()["lanes"]
    seconds = [lane["seconds"] for lane in lanes]
    return round(1000 * min(seconds) / max(seconds) / 2)


def test_a_replay_is_not_told_as_its_end_while_its_sentences_are_on_their_way(open_page, over):
    page = open_page(over)
    settled(page)
    story = page.locator("[data-part=story]")
    held = []
    page.route("**/story/moments", lambda route: held.append(route))

    page.get_by_role("slider", name="Moment of the run").fill("0")

    expect(story).to_have_text(re.compile("^The race again"))
    until(lambda: held or page.wait_for_timeout(10), "the sentences were asked for")
    held[0].continue_()
    expect(story).to_contain_text("Ready to start.")
