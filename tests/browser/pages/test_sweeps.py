"""A sweep on its page: its pictures, what a cursor reads and opens, its table, files and links."""

import re

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.accessible import violations, violations_in_both_themes
from tests.browser.conftest import SERVER_GONE
from tests.browser.reading import drawn, state, swept_there
from tests.waiting import TIMEOUT_S

RATES = [0.01, 0.1, 1]
AXES = {"optimizer": ["sgd", "adam"], "learning_rate": RATES}
TWO_SEEDS = {**AXES, "seed": [1, 2]}
SMALL = {"epochs": 1, "hidden": [8], "batch_size": 100}
# Its networks overflow at the highest rate.
DIVERGING = {"optimizer": ["sgd", "momentum"], "learning_rate": [0.01, 0.1, 10]}
LARGE = {"epochs": 2, "hidden": [256, 256, 256]}
BATCH_SIZES = {"optimizer": ["adam"], "batch_size": [20, 200]}
SIDEWAYS = "document.documentElement.scrollWidth - innerWidth"


def opened(open_page, path: str, **options) -> Page:
    page = open_page(path, **options)
    state(page, "finished")
    drawn(page)
    return page


def rate_picture(page: Page) -> Locator:
    return page.locator(".rate-picture .sweep-plot")


def percent(share: float) -> str:
    return f"{share * 100:.2f}\u202f%"


def test_the_keyboard_reads_every_value_and_opens_its_run(open_page, swept):
    page = opened(open_page, swept(AXES, **SMALL))
    sweep, picture = swept_there(page), rate_picture(page)
    sgd, adam = sweep["curves"]
    picture.focus()
    page.keyboard.press("ArrowRight")
    for _ in RATES:
        page.keyboard.press("ArrowLeft")
    expect(picture).to_have_attribute("aria-label", re.compile("Learning rate 0.01: "))
    for curve, line in ((sgd, "SGD"), (adam, "Adam")):
        expect(picture).to_have_attribute(
            "aria-label", re.compile(f"{line} {percent(curve['points'][0]['accuracy']['mean'])}")
        )
    expect(page.locator("[data-part=announcer]")).to_contain_text("at 0.01: ")
    selected = page.locator("[data-part=announcer]").inner_text().startswith("Adam")

    page.keyboard.press("Enter")

    run = next(
        cell["run"] for cell in sweep["cells"] if cell["curve"] == selected and cell["learning_rate"] == RATES[0]
    )
    page.wait_for_url(re.compile(f"/runs/{run}$"))


def test_a_click_on_a_field_of_a_map_opens_its_run(open_page, swept):
    page = opened(open_page, swept(AXES, **SMALL))
    sweep = swept_there(page)
    steps = sweep["curves"][1]["map"]["steps"]
    # Column by column, from below: the last one of the second column of Adam's.
    field = page.locator(".map").nth(1).locator(".heat").nth(2 * len(steps) - 1)
    field.hover()
    value = sweep["curves"][1]["map"]["accuracy"][-1][1]
    expect(page.locator(".map header").nth(1)).to_contain_text(f"0.1, {steps[-1]} batches: {percent(value)}")

    field.click()

    run = next(cell["run"] for cell in sweep["cells"] if cell["curve"] == 1 and cell["learning_rate"] == 0.1)
    page.wait_for_url(re.compile(f"/runs/{run}$"))
    expect(page.get_by_text("You’re watching a training of a sweep.")).to_be_visible()
    page.get_by_role("link", name="See all of it.").click()
    page.wait_for_url(re.compile(f"/sweeps/{sweep['id']}$"))


def test_of_a_finger_the_first_tap_reads_and_the_second_opens(open_page, swept):
    page = opened(open_page, swept(AXES, **SMALL), has_touch=True, viewport={"width": 390, "height": 844})
    point = page.locator(".rate-picture .marker").first
    box = point.bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.touchscreen.tap(*middle)
    expect(page.locator(".rate-picture .ring")).to_have_count(1)
    expect(rate_picture(page)).to_have_attribute("aria-label", re.compile("Learning rate 0.01: "))
    assert "/sweeps/" in page.url

    page.touchscreen.tap(*middle)

    page.wait_for_url(re.compile("/runs/"))


def test_the_keyboard_reads_a_rate_map_field_by_field(open_page, swept):
    page = opened(open_page, swept(AXES, **{**SMALL, "batch_size": 10}))
    sgd, _ = swept_there(page)["curves"]
    steps, rates = sgd["map"]["steps"], [point["learning_rate"] for point in sgd["points"]]
    maps = page.locator(".map")
    maps.first.locator(".sweep-plot").focus()
    page.keyboard.press("ArrowDown")
    best = rates.index(sgd["best"])
    beside, sideways = (best - 1, "ArrowLeft") if best else (1, "ArrowRight")
    for key, row, rate in (("ArrowDown", -2, best), (sideways, -2, beside), ("ArrowUp", -1, beside)):
        page.keyboard.press(key)
        value = percent(sgd["map"]["accuracy"][row][rate])
        expect(maps.first.locator("header")).to_contain_text(f"{rates[rate]}, {steps[row]} batches: {value}")


def test_a_finger_reads_a_rate_map_at_the_first_tap_also_where_another_one_has_the_focus(open_page, swept):
    page = opened(open_page, swept(AXES, **SMALL), has_touch=True, viewport={"width": 390, "height": 844})
    value = percent(swept_there(page)["curves"][1]["map"]["accuracy"][0][0])
    maps = page.locator(".map")
    maps.first.locator(".sweep-plot").focus()
    page.keyboard.press("ArrowDown")
    expect(maps.first.locator("header")).to_contain_text("batches: ")
    maps.nth(1).scroll_into_view_if_needed()
    field = maps.nth(1).locator(".heat").first.bounding_box()
    middle = field["x"] + field["width"] / 2, field["y"] + field["height"] / 2

    page.touchscreen.tap(*middle)

    expect(maps.nth(1).locator("header")).to_contain_text(f"{RATES[0]}, 20 batches: {value}")
    assert "/sweeps/" in page.url
    page.touchscreen.tap(*middle)
    page.wait_for_url(re.compile("/runs/"))


def test_a_point_of_several_seeds_offers_the_run_of_each(open_page, swept):
    page = opened(open_page, swept(TWO_SEEDS, **SMALL))
    page.locator(".rate-picture .marker").first.click()

    links = page.locator(".runs-menu").get_by_role("link")
    expect(links).to_have_text([re.compile("seed 1"), re.compile("seed 2")])
    expect(page.locator(".rate-picture .band").first).to_have_attribute("d", re.compile("^M"))
    links.last.click()
    page.wait_for_url(re.compile("/runs/"))


def test_what_diverged_is_marked_and_said(open_page, swept):
    page = opened(open_page, swept(DIVERGING, **LARGE))
    fallen = [curve["points"][-1] for curve in swept_there(page)["curves"]]
    assert [point["fallen"] for point in fallen] == [1, 1]

    expect(page.locator(".rate-picture .cross")).to_have_count(2)
    expect(page.locator(".rate-maps .cross").first).to_be_visible()
    expect(page.locator(".rate-picture .meaning")).to_contain_text("×: a training diverged there")
    rate_picture(page).focus()
    page.keyboard.press("ArrowRight")
    for _ in RATES:
        page.keyboard.press("ArrowRight")
    expect(page.locator(".rate-picture [data-part=curves]")).to_contain_text("diverged")


def test_the_switch_compares_by_loss_and_by_batches(open_page, swept):
    page = opened(open_page, swept(AXES, **SMALL))
    page.get_by_role("radio", name="loss").check()

    expect(page.get_by_role("heading", name="Test loss by learning rate")).to_be_visible()
    page.get_by_role("radio", name="batches to 95").check()
    expect(page.locator(".rate-picture [data-part=curves]")).to_contain_text("not reached")


def test_without_learning_rates_trainings_are_drawn_over_epochs_seconds_and_batches(open_page, swept):
    page = opened(open_page, swept(BATCH_SIZES, epochs=2, hidden=[8]))
    picture = page.locator(".training-picture .sweep-plot")
    expect(page.locator(".rate-maps")).to_have_count(0)
    expect(picture.locator(".line")).to_have_count(2)
    before = picture.locator(".line").first.get_attribute("d")
    for name in ("seconds", "batches", "epochs"):
        page.get_by_role("radio", name=name).check()
        expect(picture).to_have_attribute(
            "aria-label", re.compile("passes over the data" if name == "epochs" else name)
        )
        after, before = before, picture.locator(".line").first.get_attribute("d")
        assert after != before
    picture.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("[data-part=announcer]")).to_contain_text("after 2 epochs")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/runs/"))


def test_if_the_server_is_gone_the_page_says_so_and_keeps_what_it_has(open_page, server):
    started = httpx.post(f"{server[1]}/api/sweeps", json={"axes": AXES, "config": {**SMALL, "epochs": 100}}).json()
    page = open_page(f"/sweeps/{started['id']}", tolerate=SERVER_GONE)
    expect(page.locator(".map")).to_have_count(2)
    server[0].kill()

    state(page, "lost")

    expect(page.locator("[data-notice=lost]")).to_contain_text("tries again by itself")
    expect(page.locator(".map")).to_have_count(2)


def test_all_trainings_are_in_a_table_with_a_link_to_each_run(open_page, swept):
    page = opened(open_page, swept(AXES, **SMALL))
    page.get_by_text("All trainings as a table").click()

    rows = page.locator(".cells tbody tr")
    expect(rows).to_have_count(6)
    first = swept_there(page)["cells"][0]
    expect(rows.first).to_contain_text(f"SGD0.01finished{percent(first['test_accuracy'])}")
    expect(rows.first.get_by_role("link")).to_have_attribute("href", f"/runs/{first['run']}")


def test_what_came_out_is_in_files_and_a_link_shows_it_elsewhere(open_page, swept):
    page = opened(open_page, swept(AXES, **SMALL))
    sweep = swept_there(page)
    for name, begins in (("CSV", b"phase,seed,"), ("Parquet", b"PAR1"), ("JSON", b'{"id"'), ("Picture", b"\x89PNG")):
        address = page.get_by_role("link", name=name, exact=True).evaluate("link => link.href")
        assert httpx.get(address, timeout=TIMEOUT_S).content.startswith(begins)
    assert page.locator("[data-part=link] input").input_value() == page.url
    told = page.locator("meta[property='og:title']").get_attribute("content")
    assert told == sweep["sentences"][0].rstrip(".")
    card = page.locator("meta[property='og:image']").get_attribute("content")
    assert httpx.get(card, timeout=TIMEOUT_S).headers["content-type"] == "image/png"


@pytest.mark.parametrize("width", [360, 1440])
def test_both_pages_are_accessible_and_fit_in_every_theme(open_page, swept, width):
    path = swept(DIVERGING, **LARGE)
    for page in (
        open_page("/sweeps", viewport={"width": width, "height": 780}),
        opened(open_page, path, viewport={"width": width, "height": 780}),
    ):
        for closed in page.locator("main details").all():
            closed.locator("summary").click()
        assert violations_in_both_themes(page) == []
        assert page.evaluate(SIDEWAYS) <= 0


def test_forced_colours_leave_the_pictures_theirs(open_page, swept):
    page = opened(open_page, swept(AXES, **SMALL), forced_colors="active")

    assert violations(page) == []
    colours = page.locator(".heat:not(.none)").evaluate_all("all => all.map(each => getComputedStyle(each).fill)")
    assert len(set(colours)) > 2


def test_on_paper_a_dark_sweep_is_light(open_page, swept):
    page = opened(open_page, swept(AXES, **SMALL), color_scheme="dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.get_by_role("link", name="Sweeps")).to_be_hidden()
    expect(rate_picture(page)).to_be_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_an_unknown_sweep_has_a_page_of_its_own(open_page):
    page = open_page("/sweeps/nosuchsweep", tolerate=("Failed to load resource",))

    expect(page.get_by_role("heading", level=1)).to_have_text("There is no such sweep here")
    page.get_by_role("link", name="Start a new sweep").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("How much does the learning rate matter?")


@pytest.mark.parametrize("size", [(360, 320), (700, 420), (1100, 800)])
@pytest.mark.parametrize("axes", [AXES, BATCH_SIZES])
def test_in_a_frame_a_sweep_is_its_picture_and_fits(open_page, swept, axes, size):
    width, height = size
    path = swept(axes, **SMALL)
    page = opened(open_page, f"/embed{path}", viewport={"width": width, "height": height})

    expect(page.locator("figure")).to_have_count(1)
    for other in ("a", "button", "table", "details"):
        expect(page.locator(other)).to_have_count(0)
    expect(page.get_by_text("to open its run")).to_have_count(0)
    plot = page.locator(".sweep-plot").bounding_box()
    assert plot["height"] >= 110
    scrolls = "[document.documentElement.scrollWidth - innerWidth, document.documentElement.scrollHeight - innerHeight]"
    assert max(page.evaluate(scrolls)) <= 0
    assert violations(page) == []
