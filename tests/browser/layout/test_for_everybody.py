"""Paper, colours of the system's own, a keyboard, a small screen, and no scripts: each gets the whole race."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.accessible import COLOURS as RULES_OF_COLOURS
from tests.browser.accessible import violations
from tests.browser.conftest import DIVERGED, SERVER_GONE
from tests.browser.fitting import misfits
from tests.browser.reading import LONG, SIX_LANES, at_rest, ink, loaded, open_settings, pause, play, settled, state
from tests.waiting import until

# Of A4 with the margins of static/css/ui/print.css, in CSS pixels.
PAPER = {"width": 703, "height": 1032}
SIX_OVER = {
    "epochs": 2,
    "hidden": [16],
    "lanes": [{"optimizer": name} for name in ("sgd", "momentum", "adam", "adam", "lion", "nesterov")],
}
COLOURS = "all => all.map(node => getComputedStyle(node, '::before').backgroundColor)"
BACKGROUND = "node => getComputedStyle(node).backgroundColor"
UNEXPLAINED = """where => [...document.querySelectorAll(`${where} [data-part=input]`)].filter(input => {
  const told = (input.getAttribute('aria-describedby') ?? '').split(' ').map(id => document.getElementById(id));
  return !told.some(node => node?.textContent.trim() && node.checkVisibility());
}).map(input => input.id)"""


@pytest.fixture
def printed(tmp_path: Path):
    def printed(page) -> int:
        """How many pages of paper it takes."""
        path = tmp_path / "page.pdf"
        page.pdf(path=path, prefer_css_page_size=True)
        # What is transparent of a canvas is white there: only multiplied it shows the axes that lie below.
        assert b"/Multiply" in path.read_bytes()
        return len(re.findall(rb"/Type\s*/Page\b", path.read_bytes()))

    return printed


@pytest.mark.parametrize("config", [{"epochs": 3, "hidden": [16]}, SIX_OVER])
def test_a_race_is_printed_on_one_page(open_page, raced, printed, config):
    page = open_page(raced(**config), color_scheme="dark")
    settled(page)

    assert printed(page) == 1
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")

    page.set_viewport_size(PAPER)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    at_rest(page)
    assert page.evaluate("document.documentElement.scrollHeight") <= PAPER["height"]
    assert misfits(page) == {}
    for name in ("train-loss", "test-accuracy"):
        expect(page.locator(f"[data-chart={name}] .legend .swatch").first).to_be_visible()
        assert min(ink(page, name)) > 0, "its lines have the light theme's colours"
    expect(page.locator("[data-part=shown-as]")).to_be_visible()


def test_what_keeps_another_race_waiting_is_not_printed(open_page, over):
    racing = open_page(LONG, instruments=False)
    play(racing)
    state(racing, "racing")
    page = open_page(over, instruments=False)
    detail = page.locator("[data-part=detail]")
    expect(detail).to_have_attribute("data-wait", "")

    page.emulate_media(media="print")

    expect(detail).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_systems_own_colours_leave_lanes_apart(open_page, over, scheme):
    page = open_page(over, forced_colors="active", color_scheme=scheme)
    page.evaluate("localStorage.setItem('optimizer-playground.theme', 'light')")
    page.reload()
    settled(page)

    expect(page.locator("html")).to_have_attribute("data-theme", scheme)
    assert len(set(page.locator(".standings .swatch").evaluate_all(COLOURS))) == 3
    for name in ("train-loss", "test-accuracy"):
        assert min(ink(page, name)) > 0
    for switch in (".switch input[name=x]{} + span", ".confusion .tabs label:has(input{})"):
        chosen, other = (page.locator(switch.format(which)).first for which in (":checked", ":not(:checked)"))
        assert chosen.evaluate(BACKGROUND) != other.evaluate(BACKGROUND)
    bars = page.locator(".lane-bar").evaluate_all("all => all.map(node => getComputedStyle(node).backgroundColor)")
    assert len(set(bars)) == 3
    assert violations(page) == []


# How much each of these colours of the page stands out from the background, as WCAG counts it.
CONTRASTS = """names => {
  // In the page, whose colour scheme is that of the system's colours.
  const canvas = document.body.appendChild(document.createElement('canvas'));
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const style = getComputedStyle(document.body);
  const light = (name) => {
    context.fillStyle = style.getPropertyValue(`--${name}`).trim();
    context.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...context.getImageData(0, 0, 1, 1).data].map((each) => {
      const share = each / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
  };
  const panel = light('panel');
  return names.map((name) => Math.max(light(name) / panel, panel / light(name)));
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_the_systems_own_colours_the_grid_is_quieter_than_the_curves(open_page, over, scheme):
    page = open_page(over, forced_colors="active", color_scheme=scheme, instruments=False)
    settled(page)

    grid, edge, *curves = page.evaluate(CONTRASTS, ["grid", "edge", "orange", "green", "blue", "pink", "brown", "grey"])

    assert 1.1 < grid < 2.2, grid
    assert min(edge, *curves) >= 3


@pytest.mark.parametrize(("scheme", "rules"), [("light", None), ("dark", RULES_OF_COLOURS)])
def test_every_state_is_accessible_in_the_systems_own_colours(open_page, raced, scheme, rules):
    page = open_page(raced(**DIVERGED), forced_colors="active", color_scheme=scheme)
    settled(page)
    found = {"finished, one diverged": violations(page, rules)}

    page = open_page(LONG, tolerate=SERVER_GONE, forced_colors="active", color_scheme=scheme)
    state(page, "idle")
    found["idle"] = violations(page, rules)

    open_settings(page)
    page.get_by_label("Epochs", exact=True).fill("many")
    page.keyboard.press("Tab")
    expect(page.locator("[data-field=epochs] .problem")).not_to_be_empty()
    found["a wrong entry"] = violations(page, rules)
    page.get_by_label("Epochs", exact=True).fill("100")

    play(page)
    state(page, "racing")
    found["racing"] = violations(page, rules)
    pause(page)
    found["paused"] = violations(page, rules)
    page.context.set_offline(True)
    page.keyboard.press("s")
    expect(page.locator("[data-notice]").first).to_be_visible()
    found["unreachable"] = violations(page, rules)

    assert {where: each for where, each in found.items() if each} == {}


def test_the_first_stop_of_the_tab_key_skips_to_the_race(open_page):
    page = open_page("/?epochs=1")
    state(page, "idle")

    page.keyboard.press("Tab")
    link = page.get_by_role("link", name="Skip to the race")
    expect(link).to_be_focused()
    until(lambda: link.bounding_box()["y"] >= 0, "it is in sight")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_focused()


def test_without_scripts_a_sentence_and_the_card_are_there(open_page, over):
    for path in ("/", over):
        page = open_page(path, java_script_enabled=False)
        expect(page.get_by_text("To watch it live, allow JavaScript.")).to_be_visible()
        loaded(page.locator(".no-script img"))
        expect(page.get_by_role("button")).to_have_count(0)


def test_every_setting_is_explained(open_page):
    page = open_page("/?epochs=1")
    open_settings(page)
    page.get_by_role("button", name="More settings").click()

    assert page.locator(":is(.settings, .more) .field").count() >= 8
    assert page.evaluate(UNEXPLAINED, ":is(.settings, .more)") == []
    page.get_by_role("button", name="Change Adam").click()
    expect(page.locator(".editor .dials-grid .field")).to_have_count(6)
    assert page.evaluate(UNEXPLAINED, ".editor .dials-grid") == []


@pytest.mark.parametrize(("width", "height"), [(360, 740), (390, 844), (430, 932)])
def test_a_phones_first_view_has_the_sentence_play_walls_and_the_first_curve(open_page, over, width, height):
    page = open_page(over, instruments=False, viewport={"width": width, "height": height})
    settled(page)

    walls = [wall.bounding_box() for wall in page.locator(".wall").all()]
    assert len({wall["y"] for wall in walls}) == 1, "three beside each other"
    for where in (".story .sentence >> nth=0", "[data-part=play]", ".wall >> nth=2", "[data-chart=train-loss] .plot"):
        box = page.locator(where).bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= height, where
        assert box["x"] >= 0 and box["x"] + box["width"] <= width, where
    assert misfits(page).get("overlaps") is None
    now, replay = (page.locator(part).bounding_box() for part in (".headline", "[data-part=replay-now]"))
    assert now["x"] + now["width"] <= replay["x"]


def test_the_page_at_400_percent_needs_no_scrolling_sideways(open_page):
    """1280×1024 at 400 % are 320×256."""
    page = open_page(f"/?epochs=1{SIX_LANES}", viewport={"width": 320, "height": 256})
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not page.evaluate(wide)
    open_settings(page)
    page.get_by_role("button", name="More settings").click()
    assert not page.evaluate(wide)
    page.get_by_role("button", name=re.compile("^Change Lion")).click()
    editor = page.locator("[data-part=lane-editor]")
    expect(editor).to_be_visible()
    assert not page.evaluate(wide)
    assert editor.evaluate("node => node.scrollWidth <= node.clientWidth")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys and gestures")).to_be_visible()
    assert not page.evaluate(wide)
