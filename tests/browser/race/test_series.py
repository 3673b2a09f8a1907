"""Several seeds raced one after the other, drawn as mean and spread, in a real browser."""

import re

from playwright.sync_api import Page, expect

from tests.browser.reading import (
    CHARTS,
    LONG,
    SHORT,
    at_rest,
    chart,
    drawn,
    legend,
    open_settings,
    play,
    series,
    settled,
    state,
)
from tests.waiting import until


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


def test_deleted_seeds_are_reported_and_left_out(open_page, over):
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
