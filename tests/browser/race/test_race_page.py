"""The main job of the page, in a real browser: play, watch the curves grow, stop, watch together."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.reading import (
    CHARTS,
    DEFAULT,
    LONG,
    SHORT,
    another,
    at_rest,
    chart,
    finished,
    ink,
    lane_status,
    legend,
    picture,
    play,
    settled,
    state,
)
from tests.server_process import idle
from tests.waiting import until


def test_play_grows_the_curves_of_all_lanes_and_stop_stops_them(open_page, shared_server):
    page = open_page(LONG)
    state(page, "idle")
    assert ink(page, "train-loss") == [0, 0, 0]

    play(page)

    state(page, "racing")
    for name in CHARTS:
        until(lambda name=name: min(ink(page, name)) > 0, f"every lane draws in {name}")
    before = ink(page, "train-loss")
    until(lambda: all(n > b for n, b in zip(ink(page, "train-loss"), before, strict=True)), "every curve grows")

    page.get_by_role("button", name="Stop", exact=True).click()

    state(page, "stopped")
    assert [lane_status(page, lane) for lane in range(3)] == ["stopped"] * 3
    at_rest(page)
    drawn = picture(page, "train-loss")
    until(lambda: idle(shared_server.process), "the workers have stopped, too")
    assert picture(page, "train-loss") == drawn


def test_a_finished_race_shows_its_result(open_page):
    page = open_page(SHORT)

    play(page)

    state(page, "finished")
    standings = page.locator(".standings li")
    expect(standings).to_have_count(3)
    for lane in range(3):
        expect(page.locator(f'.standings [data-lane="{lane}"] .accuracy')).to_have_text(re.compile(r"^\d+\.\d+\s?%$"))
        assert lane_status(page, lane) == "finished"
    expect(page.locator("[data-part=digits] canvas")).to_have_count(10)
    expect(page.locator("[data-part=story]")).to_contain_text("%")


@pytest.mark.parametrize(("race", "epochs"), [(DEFAULT, "5"), (SHORT, "3")])
def test_a_second_tab_on_the_address_of_the_run_sees_the_same_points(open_page, race, epochs):
    first = open_page(race)
    play(first)
    first.wait_for_url("**/runs/*")
    second = open_page(first.url)

    state(first, "finished")
    state(second, "finished")

    late = open_page(first.url)
    state(late, "finished")
    for name in CHARTS:
        for other in (second, late):
            until(lambda name=name, other=other: legend(first, name) == legend(other, name), f"{name} reads the same")
            until(lambda name=name, other=other: picture(first, name) == picture(other, name), f"{name} looks the same")
    expect(second.get_by_label("Epochs", exact=True)).to_have_value(epochs)


def test_reload_and_back_show_the_run_again(open_page):
    page = open_page(DEFAULT)
    finished(page)
    shown = {name: legend(page, name) for name in CHARTS}

    page.reload()
    state(page, "finished")
    for name in CHARTS:
        until(lambda name=name: legend(page, name) == shown[name], f"{name} shows the run after a reload")
        assert min(ink(page, name)) > 0
    page.go_back()
    state(page, "idle")
    page.go_forward()
    state(page, "finished")
    for name in CHARTS:
        until(lambda name=name: legend(page, name) == shown[name], f"{name} shows the run after coming back")


def test_hovering_one_chart_reads_all_of_them(open_page, over):
    page = open_page(over)
    settled(page)
    at_the_end = {name: legend(page, name) for name in CHARTS}

    box = chart(page, "train-loss").locator("canvas").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + box["height"] / 2)

    for name in CHARTS:
        until(lambda name=name: legend(page, name) != at_the_end[name], f"{name} reads the hovered place")
    page.mouse.move(5, 5)
    for name in CHARTS:
        until(lambda name=name: legend(page, name) == at_the_end[name], f"{name} reads the end again")


def test_run_again_starts_a_new_run_with_the_same_numbers(open_page):
    page = open_page(SHORT)
    finished(page)
    address, result = page.url, legend(page, "test-accuracy")

    page.get_by_role("button", name="Run again").click()

    another(page, address)
    settled(page)
    assert legend(page, "test-accuracy") == result


def test_a_run_in_the_queue_shows_its_place_and_then_races(open_page):
    racing = open_page(LONG)
    play(racing)
    state(racing, "racing")
    waiting = open_page(SHORT)

    play(waiting)

    state(waiting, "queued")
    expect(waiting.locator("[data-part=status]")).to_have_text("Queued, 1st in the queue")
    hint = "getComputedStyle(document.querySelector('[data-part=train-loss] .plot'), '::after').content"
    assert "the curves begin here as soon as this race starts" in waiting.evaluate(hint)
    racing.get_by_role("button", name="Stop", exact=True).click()
    state(waiting, "finished")
