"""The page How it works: it opens, its figures can be moved by mouse and by keys, and its numbers are right."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.accessible import violations, violations_in_both_themes
from tests.browser.layout.test_widths import WIDTHS, too_wide
from tests.waiting import until

REQUESTS = 6
# Slanted letters hang over a little.
CUT = "rows => rows.filter(row => row.scrollWidth > row.clientWidth + 4).map(row => row.textContent)"
NUMBERS = "nodes => nodes.map(node => Number(node.getAttribute('data-value')))"


@pytest.fixture
def how(open_page) -> Page:
    page = open_page("/how-it-works")
    # The last figure is there.
    expect(page.locator("[data-part=averages] .corrected[d]")).to_have_count(1)
    return page


def numbers(page: Page, lane: str, statement: int) -> list[float]:
    """All of a statement with numbers, as they stand in it; the last one is what comes out."""
    row = page.locator(f".lane-numbers[data-optimizer={lane}] .numbers").nth(statement)
    return row.locator("[data-value]").evaluate_all(NUMBERS)


def shown(page: Page, lane: str, statement: int) -> list[float]:
    """The same as it is written."""
    row = page.locator(f".lane-numbers[data-optimizer={lane}] .numbers").nth(statement)
    return [read(text) for text in row.locator("[data-value]").all_text_contents()]


def read(text: str) -> float:
    """A number as it is written: "−1.2 × 10⁻⁶", or "10⁻⁸"."""
    digits, _, power = re.sub(r"^10(?=[⁻⁰¹²³⁴⁵⁶⁷⁸⁹])", "1×10", text.replace("−", "-").replace(" ", "")).partition("×10")
    raised = power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    return float(f"{digits}e{raised or 0}")


def step(page: Page, lane: str) -> float:
    return read(page.locator(f".lane-numbers[data-optimizer={lane}] .step b").inner_text())


# What the statements of a rule give, of their numbers in the order in which they stand there.
GIVES = {
    "sgd": [lambda w, rate, g: w - rate * g],
    "momentum": [lambda beta, v, g: beta * v + g, lambda w, rate, v: w - rate * v],
    "adam": [
        lambda beta1, m, same, g: beta1 * m + (1 - same) * g,
        lambda beta2, v, same, g: beta2 * v + (1 - same) * g**2,
        lambda m, beta1, t: m / (1 - beta1**t),
        lambda v, beta2, t: v / (1 - beta2**t),
        lambda w, rate, m, v, epsilon: w - rate * m / (v**0.5 + epsilon),
    ],
}


def ball(page: Page, name: str) -> tuple[float, float]:
    x, y = re.findall(r"[-\d.]+", page.locator(f"[data-ball={name}]").get_attribute("transform"))
    return float(x), float(y)


def test_the_page_is_there_after_few_requests_and_is_accessible(how):
    loaded = how.evaluate("performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname)")

    # The page itself is one more.
    assert len(loaded) + 1 <= REQUESTS, loaded
    expect(how.locator("article math")).to_have_count(8)
    expect(how.locator("details")).to_have_count(8)
    assert violations_in_both_themes(how) == []
    how.locator("details").evaluate_all("all => all.forEach(each => { each.open = true; })")
    assert violations(how) == []


def test_what_needs_no_script_can_be_read_without_one(open_page):
    page = open_page("/how-it-works", java_script_enabled=False)

    expect(page.locator("#rule-adam math").last).to_be_visible()
    expect(page.locator("#compared table")).to_be_visible()
    expect(page.locator("[data-part=valley]")).to_be_hidden()


def test_a_reader_comes_from_the_menu_and_goes_on_to_the_race(open_page):
    page = open_page("/")
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("link", name="How it works").click()
    page.get_by_role("heading", level=1, name="How it works").wait_for()
    page.get_by_role("link", name="To the race").click()

    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_no_width_scrolls_sideways_or_cuts_an_update(how):
    assert too_wide(how) == []
    for width in (360, 390, 768, 1440, 2560):
        how.set_viewport_size({"width": width, "height": 900})
        for weight in ("loud", "quiet"):
            how.get_by_role("radio", name=weight).check()
            assert how.locator(".numbers").evaluate_all(CUT) == [], (width, weight)
        before, after = (how.locator(f"[data-part={name}]").bounding_box()["y"] for name in ("before", "after"))
        assert before == after, width
    assert max(WIDTHS) < 2560


@pytest.mark.parametrize("weight", ["loud", "middling", "quiet"])
def test_the_numbers_of_an_update_give_its_result(how, weight):
    how.get_by_role("radio", name=weight).check()
    slider = how.get_by_role("slider", name="Batch")
    for batch in (1, 2, 9, 50):
        slider.fill(str(batch))
        expect(how.locator("[data-part=which]")).to_have_text(f"Batch {batch} of 50")

        w, rate, g, after = numbers(how, "sgd", 0)
        assert after == pytest.approx(w - rate * g, abs=1e-8)
        assert step(how, "sgd") == pytest.approx(-rate * g, rel=0.01)

        beta, v, g, kept = numbers(how, "momentum", 0)
        assert kept == pytest.approx(beta * v + g, rel=1e-5, abs=1e-9)
        w, rate, v, after = numbers(how, "momentum", 1)
        assert (v, after) == (kept, pytest.approx(w - rate * v, abs=1e-8))
        assert step(how, "momentum") == pytest.approx(-rate * v, rel=0.01)

        beta1, m, same_beta1, g, new_m = numbers(how, "adam", 0)
        assert new_m == pytest.approx(beta1 * m + (1 - same_beta1) * g, rel=1e-5, abs=1e-9)
        beta2, v, same_beta2, same_g, new_v = numbers(how, "adam", 1)
        assert (same_g, new_v) == (g, pytest.approx(beta2 * v + (1 - same_beta2) * g**2, rel=1e-5, abs=1e-14))
        m, beta1, t, m_hat = numbers(how, "adam", 2)
        assert (m, t, m_hat) == (new_m, batch, pytest.approx(m / (1 - beta1**t), rel=1e-5))
        v, beta2, t, v_hat = numbers(how, "adam", 3)
        assert (v, v_hat) == (new_v, pytest.approx(v / (1 - beta2**t), rel=1e-5))
        w, rate, m, v, epsilon, after = numbers(how, "adam", 4)
        assert (m, v, after) == (m_hat, v_hat, pytest.approx(w - rate * m / (v**0.5 + epsilon), abs=1e-7))
        assert step(how, "adam") == pytest.approx(-rate * m / (v**0.5 + epsilon), rel=0.01)


@pytest.mark.parametrize("weight", ["loud", "middling", "quiet"])
def test_the_numbers_that_are_shown_give_the_result_that_is_shown(how, weight):
    how.get_by_role("radio", name=weight).check()
    slider = how.get_by_role("slider", name="Batch")
    for batch in (1, 2, 3, 9, 17, 33, 50):
        slider.fill(str(batch))
        expect(how.locator("[data-part=which]")).to_have_text(f"Batch {batch} of 50")
        for lane, statements in GIVES.items():
            for i, gives in enumerate(statements):
                *these, result = shown(how, lane, i)
                found = gives(*these)
                # A weight has six decimals, all else three digits.
                as_shown = round(found, 6) if i == len(statements) - 1 else float(f"{found:.3g}")
                assert as_shown == pytest.approx(result, rel=1e-9, abs=1e-15), (lane, i, batch, these)


def test_the_microscope_goes_from_batch_to_batch_by_its_buttons_and_its_picture(how):
    which, before, after = (how.locator(f"[data-part={name}]") for name in ("which", "before", "after"))
    before.click()
    expect(which).to_have_text("Batch 1 of 50")
    expect(before).to_be_disabled()
    after.click()
    after.click()
    expect(which).to_have_text("Batch 3 of 50")
    box = how.locator("[data-part=steps]").bounding_box()
    how.locator("[data-part=steps]").click(position={"x": box["width"] - 2, "y": 20})
    expect(which).to_have_text("Batch 50 of 50")
    expect(after).to_be_disabled()


def test_a_weight_without_gradient_is_said_to_move_by_what_is_remembered(how):
    how.get_by_role("radio", name="quiet").check()
    how.get_by_role("slider", name="Batch").fill("1")
    expect(how.locator("[data-part=microscope] [data-part=said]")).to_contain_text("so no rule moves the weight")
    how.get_by_role("slider", name="Batch").fill("3")

    expect(how.locator("[data-part=microscope] [data-part=said]")).to_contain_text("SGD leaves the weight alone.")
    assert step(how, "sgd") == 0
    assert step(how, "momentum") > 0 and step(how, "adam") > 100 * step(how, "momentum")


def heights(page: Page) -> Locator:
    return page.locator("[data-part=heights]")


def test_the_balls_can_be_dragged_and_roll_when_they_are_let_go(how):
    picture = how.locator("[data-part=valley] [data-part=picture]")
    picture.scroll_into_view_if_needed()
    frame = picture.bounding_box()
    x, y = ball(how, "adam")
    how.mouse.move(frame["x"] + x, frame["y"] + y)
    how.mouse.down()
    how.mouse.move(frame["x"] + 300, frame["y"] + 60, steps=4)
    for name in ("sgd", "momentum", "adam"):
        until(lambda name=name: ball(how, name) == pytest.approx((300, 60), abs=1), f"{name} follows the pointer")
    expect(how.locator("[data-part=step-number]")).to_have_text("after 0 steps")

    how.mouse.up()
    expect(how.locator("[data-part=step-number]")).to_have_text("after 80 steps")
    expect(how.get_by_role("button", name="Let them roll")).to_be_visible()
    ways = [ball(how, name) for name in ("sgd", "momentum", "adam")]
    assert len({(round(x), round(y)) for x, y in ways}) == 3, "each came its own way"


def test_the_balls_obey_the_keys_and_their_buttons(how):
    handle = how.get_by_role("slider", name="Where the balls start")
    handle.focus()
    how.keyboard.press("ArrowRight")
    how.keyboard.press("ArrowDown")
    expect(handle).to_have_attribute("aria-valuetext", "-8.0 along the valley, 1.5 across")
    expect(how.locator("[data-part=step-number]")).to_have_text("after 0 steps")
    before = ball(how, "sgd")
    how.get_by_role("button", name="One step").click()
    expect(how.locator("[data-part=step-number]")).to_have_text("after 1 step")
    assert ball(how, "sgd") != before
    handle.focus()
    how.keyboard.press("Enter")
    expect(how.locator("[data-part=step-number]")).to_have_text("after 80 steps")

    how.get_by_role("slider", name="Learning rate").fill("0")
    expect(heights(how)).to_contain_text("SGD far out: the steps grow")


def test_with_less_motion_the_balls_are_at_once_where_they_roll_to(how):
    how.emulate_media(reduced_motion="reduce")
    how.get_by_role("slider", name="Where the balls start").press("ArrowUp")
    expect(how.locator("[data-part=step-number]")).to_have_text("after 0 steps")
    seen = how.evaluate(
        """() => {
          document.querySelector('[data-part=play]').click();
          return document.querySelector('[data-part=step-number]').textContent;
        }"""
    )

    assert seen == "after 80 steps"


def test_beta_says_how_long_is_remembered_and_what_the_correction_mends(how):
    figure = how.locator("[data-part=averages]")
    beta = figure.get_by_role("slider")
    said = figure.locator("[data-part=said]")
    expect(said).to_contain_text("With β = 0.9, the average is over about the last 10 batches. After 5 batches")
    expect(said).to_contain_text("41 %")
    paths = figure.locator("path.curve").evaluate_all("all => all.map(each => each.getAttribute('d'))")
    beta.fill("0")
    expect(said).to_contain_text("the newest batch alone")
    kept, corrected = figure.locator("path.curve").evaluate_all("all => all.map(each => each.getAttribute('d'))")
    assert kept == corrected != paths[1], "where nothing is remembered, nothing has to be corrected"
    figure.get_by_role("radio", name="g²").check()
    beta.fill("6")
    expect(said).to_contain_text("14 times too small")


def test_the_rules_of_a_race_are_open_where_its_link_says_so(open_page):
    page = open_page("/how-it-works?rules=adam,lion#rule-nadam")

    until(lambda: page.locator("details[open]").count() == 2, "both are open")
    expect(page.locator("#rule-lion pre")).to_contain_text("np.sign(c, out=g)")


def test_documents_are_accessible_and_fit_a_phone(open_page):
    page = open_page("/docs/claims", viewport={"width": 390, "height": 844})

    for name in ("claims", "method", "parity"):
        page.goto(f"/docs/{name}")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        # It has the button for the theme, which is alive.
        expect(page.locator("[data-part=theme][data-choice]")).to_be_visible()


def test_the_verdict_on_each_claim_is_in_view_on_a_phone(open_page):
    page = open_page("/docs/claims", viewport={"width": 390, "height": 844})
    cells = page.locator("table").first.locator("tbody td:first-child")

    expect(cells.first).to_have_text(re.compile("^(holds|holds partly|doesn’t|not decided)$"))
    assert cells.evaluate_all("cells => cells.filter(cell => cell.getBoundingClientRect().right > innerWidth)") == []


def test_the_followed_weights_of_a_run_lead_to_its_first_updates_number_by_number(open_page, over):
    page = open_page(over)
    link = page.locator("[data-panel=followed]").get_by_role("link", name="One update in numbers")
    expect(link).to_be_visible()
    link.click()

    expect(page.get_by_role("link", name="this run")).to_have_attribute("href", re.compile("/runs/"))
    expect(page.locator(".lane-numbers[data-optimizer]")).to_have_count(3)
    assert page.evaluate("location.hash") == "#one-update"
    # A step of SGD is the gradient times the learning rate.
    page.get_by_role("button", name="The next batch").click()
    before, eta, g, after = numbers(page, "sgd", 0)
    assert after == pytest.approx(before - eta * g, rel=1e-6)
    assert violations(page) == []
