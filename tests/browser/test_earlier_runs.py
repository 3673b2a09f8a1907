"""What was raced before, in a real browser: a finished run again, an earlier one under a new one, several seeds."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from tests.browser.reading import (
    CHARTS,
    LONG,
    SHORT,
    another,
    at_rest,
    changed,
    chart,
    drawn,
    finished,
    legend,
    open_settings,
    picture,
    pictures,
    play,
    series,
    settled,
    state,
)
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


def moment_of_all(page: Page) -> int:
    """Where on the slider every lane is in the middle of its race: some train for longer than others."""
    lanes = page.request.get(f"/api{urlsplit(page.url).path}").json()["lanes"]
    seconds = [lane["seconds"] for lane in lanes]
    return round(1000 * min(seconds) / max(seconds) / 2)


def test_an_earlier_run_lies_under_the_new_one_by_choice(open_page):
    page = open_page(SHORT + "&learning_rate=0.3")
    finished(page)
    open_settings(page)
    page.get_by_label("Learning rate", exact=True).fill("0.02")
    address = page.url
    play(page)
    another(page, address)
    settled(page)
    alone = pictures(page)

    page.get_by_role("button", name="Earlier runs").click()
    menu = page.get_by_role("group", name="Earlier runs")
    expect(menu.get_by_role("checkbox")).to_have_count(1)
    expect(menu.locator("time")).to_have_text(re.compile(r"^today, \d"))
    menu.get_by_role("checkbox").check()

    changed(page, alone)
    expect(page).to_have_url(re.compile("ghosts="))
    page.reload()
    state(page, "finished")
    for name in ("train-accuracy", "test-accuracy"):
        until(lambda name=name: picture(page, name) != alone[name], f"{name} shows the earlier run after a reload")
    page.get_by_role("button", name="Earlier runs").click()
    menu.get_by_role("checkbox").uncheck()
    page.keyboard.press("Escape")
    for name in CHARTS:
        until(lambda name=name: picture(page, name) == alone[name], f"{name} shows the run alone")


def test_an_earlier_run_that_is_gone_is_told_and_left_out(open_page):
    page = open_page(SHORT + "&ghosts=nothing-here")
    expect(page.get_by_role("region", name="Notices")).to_contain_text("not on the server any more")
    expect(page).to_have_url(re.compile("^((?!ghosts).)*$"))


def test_seeds_run_one_after_the_other_and_are_drawn_as_mean_and_spread(open_page):
    page = open_page(SHORT)
    page.get_by_label("Seeds").select_option("2")

    play(page)

    series(page)
    for name in CHARTS:
        expect(chart(page, name).locator("[data-part=where]")).to_have_text("mean of 2 seeds; band: lowest–highest")
    expect(page.locator(".accuracy").first).to_have_text(re.compile(r"^\d+\.\d+\s?% ± \d+\.\d+$"))
    expect(page.get_by_label("Seed", exact=True)).to_have_value("42")
    first, last = re.search("series=([^&]+)", page.url)[1], re.search("/runs/([^?]+)", page.url)[1]
    seeds = [page.request.get(f"/api/runs/{run_id}").json()["config"]["seed"] for run_id in (first, last)]
    assert seeds == [42, 43]
    expect(page.locator("[data-part=story]")).to_have_text(re.compile(r"^Over 2 seeds .+ on average.+ Seed 43: "))
    expect(page.get_by_role("columnheader", name="Lane seed 43")).to_be_visible()
    expect(page.get_by_role("heading", name="Hard digits · seed 43")).to_be_visible()
    # One meaning of ±: the legend's is the one of the standings.
    assert deviations(page, ".standing .accuracy") == deviations(page, "[data-chart=test-accuracy] .legend li")


def deviations(page: Page, rows: str) -> list[str]:
    texts = page.locator(rows).all_inner_texts()
    return sorted(re.search(r"± (\d+\.\d+)$", text.strip())[1] for text in texts)


def test_a_series_survives_its_own_link(open_page):
    page = open_page(SHORT + "&seeds=2")
    play(page)
    series(page)
    shown = page.locator(".standings").inner_text()
    read = [legend(page, name) for name in CHARTS]

    page.reload()

    expect(chart(page, "train-loss").locator("[data-part=where]")).to_contain_text("mean of 2 seeds")
    settled(page)
    until(lambda: page.locator(".standings").inner_text() == shown, "mean and deviation stand there again")
    until(lambda: [legend(page, name) for name in CHARTS] == read, "the legends are as before")
    expect(page.locator("[data-part=story]")).to_contain_text("Over 2 seeds")
    open_settings(page)
    expect(page.get_by_label("Seed", exact=True)).to_have_value("42")
    expect(page.locator("[data-part=next-run]")).to_be_hidden()

    # A new race is no part of the old series.
    page.get_by_label("Seeds").select_option("1")
    play(page)
    expect(page).to_have_url(re.compile("^((?!series).)*$"))


def test_seeds_that_are_gone_are_told_and_left_out(open_page, over):
    page = open_page(f"{over}?series=nothing-here")
    expect(page.get_by_role("region", name="Notices")).to_contain_text("one seed alone")
    expect(page).to_have_url(re.compile("^((?!series).)*$"))


def test_a_mean_and_its_deviation_have_room(open_page, raced):
    first, last = (raced(epochs=3, hidden=[16], seed=seed) for seed in (42, 43))
    page = open_page(f"{last}?series={first.removeprefix('/runs/')}")
    settled(page)
    expect(page.locator(".standing .accuracy small").first).to_contain_text("±")
    cut = """() => [...document.querySelectorAll('.legend li, .legend .raw, .standing .who')]
        .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth).map(({ textContent }) => textContent)"""
    for width in (768, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        drawn(page)
        assert page.evaluate(cut) == []


def test_stop_ends_a_series(open_page):
    page = open_page(LONG + "&seeds=3")
    play(page)
    state(page, "racing")
    address = page.url

    page.get_by_role("button", name="Stop", exact=True).click()

    state(page, "stopped")
    at_rest(page)
    state(page, "stopped")
    assert page.url == address
