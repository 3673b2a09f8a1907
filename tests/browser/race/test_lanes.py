"""Lanes of one's own: added, changed and removed on the page, raced, shared, and distinguishable."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.reading import (
    CHARTS,
    LONG,
    SHORT,
    SIX,
    chart,
    finished,
    legend,
    open_settings,
    play,
    state,
)
from tests.waiting import until

NAMES = ["SGD", "Momentum", "Adam 0.01", "Adam 0.001", "Lion", "Nesterov"]


def chips(page: Page) -> list[str]:
    open_settings(page)
    buttons = (
        page.get_by_role("list", name="Lanes of the next race").get_by_role("button", name=re.compile("^Change ")).all()
    )
    return [button.inner_text().replace("Change", "").strip() for button in buttons]


def edit(page: Page, name: str) -> Locator:
    open_settings(page)
    page.get_by_role("button", name=f"Change {name}").first.click()
    editor = page.get_by_role("dialog")
    expect(editor).to_have_accessible_name(name)
    return editor


def test_a_lane_is_added_tuned_raced_and_shared(open_page):
    page = open_page(SHORT)
    open_settings(page)
    page.get_by_role("button", name="Add a lane").click()
    editor = page.get_by_role("dialog")
    expect(editor.get_by_label("Optimizer")).to_be_focused()

    editor.get_by_label("Optimizer").select_option(label="Adam")
    expect(editor).to_have_accessible_name("Adam 2")
    editor.get_by_label("Learning rate", exact=True).fill("0.002")
    editor.get_by_label("Decay rate β₁", exact=True).fill("0.5")
    editor.get_by_label("Schedule").select_option(label="cosine")
    editor.get_by_role("button", name="Done").click()

    expect(page.get_by_label("Adam 0.002 learning rate", exact=True)).to_have_value("0.002")
    page.wait_for_url(re.compile(r"adam,adam&.*adam2.learning_rate=0.002&adam2.schedule=cosine&adam2.beta1=0.5"))
    shared = page.url
    play(page)
    state(page, "finished")
    dials = page.locator('.standings [data-lane="3"] .dials')
    expect(dials).to_have_text("lr 0.002 · cosine · β₁ 0.5 · β₂ 0.999")
    expect(page.locator('.standings [data-lane="3"]')).to_have_attribute("data-status", "finished")
    other = open_page(shared)
    until(lambda: chips(other) == chips(page), "the link opens with these lanes")
    expect(other.locator('.standings [data-lane="3"] .dials')).to_have_text(dials.inner_text())


def test_the_editor_shows_the_rule_of_the_chosen_optimizer_and_its_usual_values(open_page):
    page = open_page("/")
    editor = edit(page, "SGD")
    expect(editor).to_contain_text("w ← w − η g")

    editor.get_by_label("Optimizer").select_option(label="Lion")

    expect(editor).to_contain_text("w ← w − η sign(u) − η λ w")
    expect(editor).to_contain_text("Chen et al., 2023")
    expect(editor.get_by_label("Learning rate", exact=True)).to_have_value("0.001")
    expect(editor.get_by_label("Decay rate β₂", exact=True)).to_have_value("0.99")


def test_lanes_can_be_removed_but_one_stays(open_page):
    page = open_page("/")
    for name in ("SGD", "Momentum"):
        edit(page, name).get_by_role("button", name="Remove this lane").click()

    until(lambda: chips(page) == ["Adam"], "one lane is left")
    page.wait_for_url(re.compile(r"lanes=adam$"))
    expect(edit(page, "Adam").get_by_role("button", name="Remove this lane")).to_be_hidden()


def test_there_are_no_more_than_six_lanes(open_page):
    page = open_page("/")
    open_settings(page)
    for _ in range(3):
        page.get_by_role("button", name="Add a lane").click()
        page.keyboard.press("Escape")

    expect(page.get_by_role("button", name="Add a lane")).to_be_hidden()
    until(lambda: len(chips(page)) == 6, "six lanes are on show")


def test_lanes_are_edited_with_the_keyboard_alone(open_page):
    page = open_page("/")
    open_settings(page)
    adam = page.get_by_role("button", name="Change Adam")
    adam.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_label("Optimizer")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("0.02")
    page.keyboard.press("Enter")

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(adam).to_be_focused()
    expect(page.get_by_label("Adam learning rate", exact=True)).to_have_value("0.02")


def test_a_wrong_entry_in_the_editor_has_an_error_at_its_field_and_keeps_it_open(open_page):
    page = open_page("/")
    editor = edit(page, "Adam")
    field = editor.get_by_label("Decay rate β₂", exact=True)
    field.fill("1.5")
    editor.get_by_role("button", name="Done").click()

    expect(editor).to_be_visible()
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.locator(f"#{field.get_attribute('aria-describedby').split()[-1]}")).to_contain_text(
        "Adam decay rate β₂: expected a number from 0 to 0.99999, got “1.5”."
    )


def test_six_lanes_race_and_are_distinguishable(open_page):
    page = open_page(SIX)
    until(lambda: chips(page)[:3] == NAMES[:3], "the lanes are on show")
    finished(page)

    expect(page.locator(".standings li[data-status=finished]")).to_have_count(6)
    for name in CHARTS:
        assert [line.split("\n")[0].strip() for line in legend(page, name)] == NAMES
        swatches = chart(page, name).locator(".swatch")
        assert len(set(swatches.evaluate_all("all => all.map(each => each.dataset.colour + each.dataset.marker)"))) == 6
    dials = [page.locator(f'.standings [data-lane="{lane}"] .dials').text_content() for lane in (2, 3, 4)]
    assert dials == [
        "lr 0.01 · constant · β₁ 0.9 · β₂ 0.999",
        "lr 0.001 · cosine · β₁ 0.9 · β₂ 0.999",
        "lr 0.001 · β₁ 0.5 · β₂ 0.99",
    ]
    expect(page.locator("[data-part=rows] tr")).to_have_count(6)
    expect(page.locator(".answers").first.locator("span")).to_have_count(6)


def test_a_wrong_lane_in_a_link_is_reported_and_the_rest_is_used(open_page):
    page = open_page("/?lanes=sgd,adam&adam.beta1=2&sgd.learning_rate=0.5&adam2.beta1=0.5")

    until(lambda: chips(page) == ["SGD", "Adam"], "the link's lanes are on show")
    notice = page.locator("[data-notice=link]")
    expect(notice).to_contain_text("Adam decay rate β₁: expected a number from 0 to 0.99999, got “2”.")
    expect(notice).to_contain_text("There is no adam2.beta1 in this race.")
    expect(page.get_by_label("SGD learning rate", exact=True)).to_have_value("0.5")


def test_the_explanation_opens_the_rules_of_the_lanes_on_show(open_page):
    page = open_page("/?lanes=lion,nadam,lion")
    # What is loaded later is there.
    expect(page.locator("[data-part=examples] button")).to_have_count(5)
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("link", name="How it works").click()

    expect(page.locator("details[open] summary")).to_have_text([re.compile("^NAdam"), re.compile("^Lion")])


def test_lanes_changed_during_a_race_wait_for_the_next_one(open_page):
    page = open_page(LONG)
    play(page)
    state(page, "racing")

    edit(page, "SGD").get_by_role("button", name="Remove this lane").click()

    expect(page.get_by_text("Changes apply to the next run.")).to_be_visible()
    expect(page.locator(".standings li")).to_have_count(3)
    page.keyboard.press("r")
    expect(page.locator(".standings li")).to_have_count(2)
