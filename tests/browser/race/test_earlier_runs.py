"""What was raced before, in a real browser: an earlier run under a new one, and the way back to its settings."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from tests.browser.reading import (
    LONG,
    SHORT,
    another,
    changed,
    chart,
    choose_action,
    earlier,
    finished,
    legend,
    open_settings,
    pictures,
    play,
    settled,
    state,
)
from tests.waiting import until


def two_runs(page: Page, before: str = "0.3", now: str = "0.02") -> None:
    """Run the page's race with one learning rate, and then with another."""
    open_settings(page)
    rate = page.get_by_label("Learning rate", exact=True)
    rate.fill(before)
    finished(page)
    open_settings(page)
    rate.fill(now)
    address = page.url
    play(page)
    another(page, address)
    settled(page)


def test_the_last_run_of_the_page_lies_under_the_new_one_and_is_compared_with_it(open_page):
    page = open_page(SHORT)
    open_settings(page)
    finished(page)
    assert earlier(page) == [False] * 4

    two_runs(page)

    until(lambda: earlier(page) == [True] * 4, "the last run is in every chart")
    assert "ghosts=" not in page.url
    expect(page.locator(".standings .against")).to_have_text(
        [re.compile(r"^([+−]\d+\.\d+ points? against|level with) lr 0\.3$")] * 3
    )
    expect(page.locator(".standings .against").first).to_have_attribute(
        "title", re.compile(r"^At batch \d+: \d+\.\d+\s% now, \d+\.\d+\s% with lr 0\.3$")
    )
    expect(page.locator("[data-part=story] .sentence").nth(1)).to_have_text(
        re.compile(r"^Against the last run \(lr 0\.3\) at batch \d+: \w+ [+−]\d+\.\d+ points?(, \w+ [+−]\d+\.\d+)*\. $")
    )
    figure = chart(page, "test-accuracy")
    figure.locator(".u-over").hover()
    expect(figure.locator(".legend .earlier")).to_have_text([re.compile(r"^lr 0\.3: \d+\.\d+\s%")] * 3)
    # An earlier run's axes and lines cost the frames of a race nothing: they are drawn once.
    page.mouse.move(5, 5)
    expect(figure.locator(".legend .earlier")).to_have_text([""] * 3)

    page.reload()
    settled(page)
    until(lambda: earlier(page) == [True] * 4, "it is there after a reload")


def test_which_earlier_runs_are_on_show_is_the_visitors_choice(open_page):
    page = open_page(SHORT)
    two_runs(page)
    until(lambda: earlier(page) == [True] * 4, "the last run is there")

    page.get_by_role("button", name="Earlier runs").click()
    menu = page.get_by_role("group", name="Earlier runs")
    box = menu.get_by_role("checkbox")
    expect(box).to_have_count(1)
    expect(box).to_be_checked()
    expect(menu.locator("time")).to_have_text(re.compile(r"^today, \d"))
    box.uncheck()
    page.keyboard.press("Escape")
    until(lambda: earlier(page) == [False] * 4, "there is none")
    settled(page)
    alone = pictures(page)
    expect(page.locator(".standings .against")).to_have_text([""] * 3)
    page.reload()
    settled(page)
    until(lambda: pictures(page) == alone, "there is none after a reload")
    address = page.url
    page.get_by_role("button", name="Run again").click()
    another(page, address)
    settled(page)
    assert earlier(page) == [False] * 4

    page.get_by_role("button", name="Earlier runs").click()
    box.nth(1).check()
    page.keyboard.press("Escape")
    changed(page, alone)
    expect(page).to_have_url(re.compile("ghosts="))
    expect(page.locator(".standings .against").first).to_contain_text("lr 0.3")
    page.reload()
    settled(page)
    until(lambda: earlier(page) == [True] * 4, "the link shows it")


def test_earlier_runs_show_their_lanes_settings_result_and_day(open_page):
    page = open_page(SHORT + "&lanes=sgd,sgd&sgd2.learning_rate=0.1")
    two_runs(page)

    page.get_by_role("button", name="Earlier runs").click()

    row = page.get_by_role("group", name="Earlier runs").locator("label")
    expect(row).to_have_text(
        re.compile(r"^SGD 0\.3 and SGD 0\.1learning rate 0\.3 / 0\.1 · .+ · seed 42SGD 0\.[31] \d+\.\d+\s% · today, \d")
    )
    # What was loaded once is shown again without the server.
    page.keyboard.press("Escape")
    page.route("**/api/runs/*", lambda route: route.abort())
    page.get_by_role("button", name="Earlier runs").click()
    expect(row).to_contain_text(re.compile(r"SGD 0\.[31] \d+\.\d+\s%"))


def test_the_same_race_twice_in_a_minute_makes_two_distinguishable_rows(open_page):
    page = open_page("/")
    page.evaluate("""() => {
      const seen = { label: 'learning rate 0.01', lanes: 'SGD', result: 'SGD 92.39 %' };
      const at = second => new Date(2026, 2, 4, 15, 7, second).getTime();
      const runs = [31, 2].map(second => ({ ...seen, id: `r${second}`, at: at(second) }));
      localStorage.setItem('optimizer-playground.runs', JSON.stringify(runs));
    }""")

    page.get_by_role("button", name="Earlier runs").click()

    rows = page.get_by_role("group", name="Earlier runs").locator("time")
    expect(rows).to_have_text([re.compile(r"07:31"), re.compile(r"07:02")])


def test_a_deleted_earlier_run_is_reported_and_left_out(open_page):
    page = open_page(SHORT + "&ghosts=nothing-here")
    expect(page.get_by_role("region", name="Notices")).to_contain_text("not on the server any more")
    expect(page).to_have_url(re.compile("^((?!ghosts).)*$"))


def test_back_brings_the_earlier_run_and_its_settings(open_page):
    page = open_page(SHORT)
    two_runs(page)
    rate = page.get_by_label("Learning rate", exact=True)
    now = legend(page, "test-accuracy")
    open_settings(page)
    rate.fill("0.5")
    rate.press("Tab")
    page.wait_for_url(re.compile("learning_rate=0.5"))

    page.go_back()

    expect(rate).to_have_value("0.3")
    settled(page)
    until(lambda: legend(page, "test-accuracy") != now, "the earlier run is on show")
    expect(page.locator("[data-part=next-run]")).to_be_hidden()
    assert earlier(page) == [False] * 4
    page.go_forward()
    expect(rate).to_have_value("0.5")
    until(lambda: legend(page, "test-accuracy") == now, "the later run is on show again")
    until(lambda: earlier(page) == [True] * 4, "with the run before under it")


def test_the_fields_take_the_settings_of_the_run_on_show_again(open_page, over):
    page = open_page(f"{over}?learning_rate=0.5&lanes=sgd")
    settled(page)
    open_settings(page)
    expect(page.get_by_label("Learning rate", exact=True)).to_have_value("0.5")

    page.get_by_role("button", name="Settings of this run").click()

    expect(page.get_by_label("Learning rate", exact=True)).to_have_value("0.01")
    expect(page.get_by_role("list", name="Lanes of the next race").get_by_role("listitem")).to_have_count(3)
    expect(page.get_by_role("button", name="Settings of this run")).to_be_hidden()
    page.wait_for_url(lambda url: url.endswith(over))


def test_start_over_brings_the_front_page_with_its_defaults_and_ends_the_race(open_page):
    page = open_page(LONG)
    play(page)
    state(page, "racing")
    run = urlsplit(page.url).path

    choose_action(page, "Start over")

    page.wait_for_url(lambda url: urlsplit(url).path == "/" and not urlsplit(url).query)
    state(page, "idle")
    open_settings(page)
    expect(page.get_by_label("Batch size", exact=True)).to_have_value("64")
    assert page.request.get(f"/api{run}").json()["status"] == "stopped"
    page.go_back()
    state(page, "stopped")
    expect(page.get_by_label("Batch size", exact=True)).to_have_value("1")


def test_changed_settings_are_run_at_once_while_a_race_goes_on(open_page):
    page = open_page(LONG)
    play(page)
    state(page, "racing")
    address = page.url
    open_settings(page)
    page.get_by_label("Hidden units", exact=True).fill("32")
    page.keyboard.press("Tab")

    page.get_by_role("button", name="Run now").click()

    another(page, address)
    state(page, "racing")
    assert page.request.get(f"/api{urlsplit(address).path}").json()["status"] == "stopped"
    assert page.request.get(f"/api{urlsplit(page.url).path}").json()["config"]["hidden"] == [32]
    expect(page.locator("[data-part=run-settings]")).to_be_hidden()
