"""The fields and the address: what is typed is what is raced, and a link opens as it was sent."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.reading import LONG, another, choose_action, drawn, open_settings, play, shifted, state, watch_shifts


def test_a_changed_field_is_in_the_address_and_a_link_opens_with_it(open_page):
    page = open_page("/")
    open_settings(page)
    page.get_by_label("Epochs", exact=True).fill("2")
    page.get_by_label("Hidden units", exact=True).fill("32, 16")
    page.get_by_label("Hidden units", exact=True).press("Tab")
    page.wait_for_url(re.compile(r"epochs=2"))

    other = open_page(page.url)
    open_settings(other)

    expect(other.get_by_label("Epochs", exact=True)).to_have_value("2")
    expect(other.get_by_label("Hidden units", exact=True)).to_have_value(re.compile(r"32, ?16"))


def test_each_lane_can_have_a_learning_rate_of_its_own(open_page):
    page = open_page("/?epochs=1&hidden=16")
    open_settings(page)
    page.get_by_label("Adam learning rate", exact=True).fill("0.002")

    play(page)

    state(page, "finished")
    expect(page.locator('.standings [data-lane="2"] .dials')).to_contain_text("lr 0.002")
    expect(page.locator('.standings [data-lane="0"] .dials')).to_contain_text("lr 0.01")


def test_what_is_being_typed_for_a_lane_stays_while_the_page_changes(open_page):
    page = open_page(LONG)
    play(page)
    state(page, "racing")
    open_settings(page)
    rate = page.get_by_label("Adam learning rate", exact=True)
    rate.fill("0.002")

    # The field keeps the focus.
    page.locator('[data-part="stop"]').dispatch_event("click")
    state(page, "stopped")

    expect(rate).to_have_value("0.002")


WRONG = (
    ("Learning rate", "fast"),
    ("Learning rate", "0"),
    ("Batch size", "0"),
    ("Epochs", "1000"),
    ("Hidden units", "12, many"),
    ("Hidden units", "1,2,3,4"),
    ("Hidden units", "128,5"),
    ("Seed", "-1"),
    ("Momentum learning rate", "fast"),
    ("Target accuracy", "100"),
)


def test_a_wrong_entry_has_an_error_at_its_field_and_nothing_starts(open_page):
    page = open_page("/")
    open_settings(page)
    page.get_by_role("button", name="More settings").click()
    for label, typed in WRONG:
        field = page.get_by_label(label, exact=True)
        usual = field.input_value()
        field.fill(typed)

        play(page)

        expect(field).to_be_focused()
        expect(field).to_have_value(typed)
        expect(field).to_have_attribute("aria-invalid", "true")
        problem = page.locator(f"#{field.get_attribute('aria-describedby').split()[0]}")
        expect(problem).to_have_text(re.compile(r"\w"))
        state(page, "idle")
        field.fill(usual)
        field.press("Tab")
        expect(field).not_to_have_attribute("aria-invalid", "true")


def test_of_several_wrong_entries_one_is_explained_in_full(open_page):
    page = open_page("/")
    open_settings(page)
    told = page.locator("#settings .problem:visible")
    for label, name in (("Learning rate", "learning_rate"), ("Batch size", "batch_size"), ("Seed", "seed")):
        page.get_by_label(label, exact=True).fill("many")
        page.get_by_label(label, exact=True).press("Enter")
        expect(page.locator(f"#{name}-problem")).to_have_text(re.compile(r"\w"))
    expect(told).to_have_count(1)

    page.get_by_label("Batch size", exact=True).focus()
    expect(told).to_have_count(1)
    expect(told).to_have_attribute("id", "batch_size-problem")
    page.get_by_label("Learning rate", exact=True).fill("0.1")
    page.get_by_role("button", name="Share").focus()
    expect(told).to_have_attribute("id", "batch_size-problem")


def test_numbers_are_taken_as_people_type_them_and_shown_as_they_were_read(open_page):
    page = open_page("/")
    open_settings(page)
    page.get_by_role("button", name="More settings").click()
    typed = {
        "Learning rate": ("0,03", "0.03"),
        "Batch size": ("1.000", "1000"),
        "Hidden units": ("256 128", "256, 128"),
        "Seed": ("\uff11\uff12 345", "12345"),
        "Target accuracy": ("97,5%", "97.5\u202f%"),
    }
    for label, (text, shown) in typed.items():
        field = page.get_by_label(label, exact=True)
        field.fill(text)
        field.press("Tab")
        expect(field).to_have_value(shown)

    page.wait_for_url(re.compile("learning_rate=0.03&batch_size=1000&hidden=256,128&seed=12345&target_accuracy=0.975"))


def test_a_wrong_value_in_a_link_is_reported_and_the_rest_is_used(open_page):
    page = open_page("/?epochs=many&seed=7&lr=0.1&utm_source=mail")
    open_settings(page)

    expect(page.locator("[data-notice=link]")).to_contain_text("Epochs: expected a whole number from 1 to 100")
    expect(page.locator("[data-notice=link]")).to_contain_text("This link has a setting that is not known here: lr.")
    expect(page.get_by_label("Seed", exact=True)).to_have_value("7")
    expect(page.get_by_label("Epochs", exact=True)).to_have_value("5")


def test_ambiguous_layers_are_refused_in_the_field_and_in_a_link(open_page):
    page = open_page("/?hidden=1,100")
    open_settings(page)
    expect(page.locator("[data-notice=link]")).to_contain_text("“1,100” may be one number or several layers")
    field = page.get_by_label("Hidden units", exact=True)
    expect(field).to_have_value("128")
    field.fill("128,5")
    field.press("Tab")
    expect(page.locator("#hidden-problem")).to_contain_text("“128,5” may be one number or several layers")

    field.fill("128, 5")
    field.press("Tab")

    page.wait_for_url(re.compile(r"hidden=128,\+5"))
    expect(open_page(page.url).get_by_label("Hidden units", exact=True)).to_have_value("128, 5")


def test_a_notice_covers_nothing_but_on_a_phone_the_sentence_and_goes_when_it_is_closed(open_page):
    for width in (1440, 390):
        page = open_page("/?epochs=many", viewport={"width": width, "height": 844})
        notice = page.locator("[data-notice=link]")
        place = notice.bounding_box()

        # Wide pages have room for it in the header; test_nothing_moves has what else is there.
        assert place["y"] >= (page.locator(".top").bounding_box()["height"] if width == 390 else 0)
        below = page.locator(".transport" if width == 390 else ".hero").bounding_box()
        assert place["y"] + place["height"] <= below["y"]
        notice.get_by_role("button", name="Dismiss").click()
        expect(notice).to_have_count(0)


def test_a_wrong_entry_behind_the_fold_opens_it(open_page):
    page = open_page("/")
    open_settings(page)
    more = page.get_by_role("button", name="More settings")
    more.click()
    page.get_by_label("Target accuracy", exact=True).fill("many")
    more.click()

    play(page)

    expect(page.get_by_label("Target accuracy", exact=True)).to_be_focused()
    state(page, "idle")


def test_target_activation_and_initialisation_are_chosen_under_more_settings_and_summarized_outside(open_page):
    page = open_page("/?epochs=20")
    open_settings(page)
    more = page.get_by_role("button", name="More settings")
    more.click()
    page.get_by_label("Activation").select_option(label="tanh")
    page.get_by_label("Initialisation").select_option(label="Xavier")
    page.get_by_label("Target accuracy", exact=True).fill("95")
    page.get_by_label("Target accuracy", exact=True).press("Tab")

    expect(page.locator("[data-part=headline]")).to_have_text(re.compile(r"until every lane passes 95\s% or 20 epochs"))
    expect(more).to_have_text(re.compile(r"tanh · Xavier · to 95\s%"))
    page.wait_for_url(re.compile("activation=tanh&initialisation=xavier&target_accuracy=0.95"))
    other = open_page(page.url)
    open_settings(other)
    expect(other.get_by_role("button", name="More settings")).to_have_text(re.compile(r"tanh · Xavier · to 95\s%"))


def test_the_view_is_in_the_address_too(open_page):
    page = open_page("/")
    page.locator("[data-part=view] label", has_text=re.compile(r"^\s*batches\s*$")).click()
    page.locator(".switch label", has_text="linear").click()

    page.wait_for_url(re.compile(r"x=step"))
    page.wait_for_url(re.compile(r"loss_scale=linear"))
    other = open_page(page.url)

    expect(other.get_by_role("group", name="Across").get_by_role("radio", name="batches", exact=True)).to_be_checked()
    expect(other.get_by_role("radio", name="linear")).to_be_checked()


def test_the_theme_follows_the_system_and_the_switch_is_remembered(open_page):
    page = open_page("/", color_scheme="dark")
    html = page.locator("html")
    expect(html).to_have_attribute("data-theme", "dark")

    choose_action(page, re.compile("theme", re.I))

    expect(html).to_have_attribute("data-theme", "light")
    page.reload()
    expect(html).to_have_attribute("data-theme", "light")


def test_changes_during_a_race_wait_for_the_next_one(open_page):
    page = open_page(LONG)
    play(page)
    state(page, "racing")
    open_settings(page)

    page.get_by_label("Seed", exact=True).fill("7")
    page.keyboard.press("Tab")

    expect(page.get_by_text("Changes apply to the next run.")).to_be_visible()
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("button", name="Run again").click()
    state(page, "racing")
    open_settings(page)
    expect(page.get_by_text("Changes apply to the next run.")).to_be_hidden()
    expect(page.get_by_label("Seed", exact=True)).to_have_value("7")


@pytest.mark.parametrize("width", [390, 1440])
def test_the_settings_make_room_for_the_race_that_they_start_and_nothing_moves_later(open_page, width):
    page = open_page(LONG, viewport={"width": width, "height": 844})
    drawer, toggle = page.locator("[data-part=drawer]"), page.locator("[data-part=settings-toggle]")
    for start in (
        lambda: page.get_by_label("Seed", exact=True).press("Enter"),
        lambda: page.get_by_role("button", name="Run now").click(),
    ):
        address = page.url
        open_settings(page)
        start()
        expect(drawer).to_be_hidden()
        drawn(page)
        # After pressing play a visitor expects the race in place of the settings; from then on nothing moves.
        watch_shifts(page)

        another(page, address)
        state(page, "racing")
        expect(drawer).to_be_hidden()
        expect(toggle).to_have_attribute("aria-expanded", "false")
        expect(toggle).to_be_focused()
        expect(page.locator(".wall canvas").first).to_be_in_viewport()
        sum_of_shifts, shifts = shifted(page)
        assert sum_of_shifts <= 0.02, shifts


def test_a_race_that_cannot_start_leaves_the_settings_as_they_were(open_page):
    page = open_page(LONG, tolerate=("Failed to load resource",))
    open_settings(page)
    page.context.set_offline(True)

    play(page)

    expect(page.locator("[data-notice=unreachable]")).to_be_visible()
    expect(page.locator("[data-part=drawer]")).to_be_visible()


@pytest.mark.parametrize("width", [360, 390, 430, 768])
def test_the_pace_is_read_whole_however_fast(open_page, width):
    page = open_page("/?pace=1000", viewport={"width": width, "height": 844})
    pace = page.locator("[data-part=pace]")
    expect(pace.locator("option:checked")).to_have_text("1000 batches/s")

    words, room = pace.evaluate(
        """select => {
          const style = getComputedStyle(select);
          const pen = new OffscreenCanvas(1, 1).getContext('2d');
          pen.font = style.font;
          const words = pen.measureText(select.selectedOptions[0].text).width;
          return [words, select.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight)];
        }"""
    )
    assert words <= room + 0.5
