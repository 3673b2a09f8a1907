"""The chart "Trained on / never seen": a lane's accuracy and loss on both kinds of digits, and the gap between them."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.reading import SHORT, at_rest, chart, finished, legend, settled, state
from tests.browser.saved import SVG, Picture, saved_file
from tests.waiting import until

# How many pixels of a chart are shaded between its lines: of the strength that nothing else there has.
SHADED = """figure => {
  const canvas = figure.querySelector('canvas.lines');
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let i = 3; i < data.length; i += 4) count += data[i] === Math.round(255 * 0.22);
  return count;
}"""


def panel(page: Page) -> Locator:
    return page.locator("[data-panel=gap]")


def show(page: Page, lane: str, measure: str) -> None:
    for name in (lane, measure):
        radio = panel(page).get_by_role("radio", name=name, exact=True)
        radio.press("Space")
        expect(radio).to_be_checked()
    at_rest(page)


def last_evaluation(page: Page, lane: int) -> dict[str, float]:
    told = page.evaluate("fetch(`/api${location.pathname}/export.json`).then(a => a.json())")
    (rows,) = (piece for piece in told["evaluations"] if piece["lane"] == lane)
    return {name: column[-1] for name, column in rows.items() if isinstance(column, list)}


def number(text: str) -> float:
    """The last number in a text."""
    found = re.findall(r"−?[\d.]+(?:e[+-]\d+)?", text.replace("\u202f%", "").replace(" points", ""))
    return float(found[-1].replace("−", "-"))


def test_a_lane_is_shown_on_digits_it_is_trained_on_and_on_others_with_the_gap_between(open_page, over):
    page = open_page(over)
    settled(page)
    for lane, name in enumerate(("SGD", "Momentum", "Adam")):
        truth = last_evaluation(page, lane)
        for measure, unit, digits in (("accuracy", 100, 0.1), ("loss", 1, 0.01)):
            show(page, name, measure)
            shown = f"gap-{measure}"
            trained, unseen = (truth[f"{side}_{measure}"] * unit for side in ("train", "test"))
            gap = trained - unseen if measure == "accuracy" else unseen - trained

            values = legend(page, shown)

            assert [value.split("\n")[0] for value in values] == ["Trained on", "Never seen"]
            assert abs(number(values[0]) - trained) < digits and abs(number(values[1]) - unseen) < digits
            apart = chart(page, shown).locator("[data-part=gap]")
            assert abs(number(apart.inner_text()) - gap) <= (0.051 if measure == "accuracy" else abs(gap) * 0.06)
            until(lambda shown=shown: chart(page, shown).evaluate(SHADED) > 0, "the gap is shaded")


def test_it_is_read_by_keys_in_a_table_and_kept_as_a_picture(open_page, over, tmp_path):
    page = open_page(over)
    settled(page)
    show(page, "Adam", "accuracy")
    truth = last_evaluation(page, 2)

    chart(page, "gap-accuracy").locator("[data-part=plot]").focus()
    page.keyboard.press("End")

    announcer = page.locator("[data-part=announcer]")
    step = f"{truth['step']:,.0f}"
    expect(announcer).to_contain_text(f"never seen: accuracy at batch {step}: Trained on")
    expect(announcer).to_contain_text(re.compile(r"Never seen [\d.]+\s%, gap −?[\d.]+ points?\."))
    page.keyboard.press("Home")
    expect(chart(page, "gap-accuracy").locator("[data-part=where]")).to_have_text(re.compile("at batch"))
    page.keyboard.press("Escape")

    chart(page, "gap-accuracy").get_by_role("button", name="as a table").click()
    rows = page.get_by_role("dialog", name="Trained on / never seen").get_by_role("row")
    expect(rows.first.get_by_role("columnheader")).to_have_text(["Where", "Trained on", "Never seen", "gap"])
    cells = rows.last.get_by_role("cell").all_inner_texts()
    assert abs(number(cells[0]) - number(cells[1]) - number(cells[2])) < 0.06
    page.keyboard.press("Escape")

    picture = Picture(saved_file(page, "Trained on / never seen: accuracy as SVG", tmp_path))
    assert {"Trained on", "Never seen", f"gap {cells[2]}"} <= set(picture.words)
    assert any("Adam" in words for words in picture.words)
    assert [node for node in picture.root.iter(f"{SVG}path") if node.get("fill-opacity") == "0.22"]


def test_one_lane_alone_and_none_yet(open_page):
    page = open_page(f"{SHORT}&lanes=adam")
    state(page, "idle")
    expect(panel(page).get_by_role("radio", name="Adam")).to_be_checked()
    expect(chart(page, "gap-accuracy").locator("[data-part=gap]")).to_have_text("gap –")

    finished(page)

    expect(chart(page, "gap-accuracy").locator("[data-part=gap]")).to_have_text(re.compile(r"gap −?[\d.]+ points?"))


def test_if_the_chosen_lane_is_gone_the_last_one_is_shown(open_page, over, raced):
    page = open_page(over)
    settled(page)
    show(page, "Adam", "accuracy")
    alone = raced(epochs=3, hidden=[16], lanes=[{"optimizer": "sgd"}])

    page.evaluate("path => { history.pushState(null, '', path); dispatchEvent(new PopStateEvent('popstate')) }", alone)

    expect(panel(page).get_by_role("radio")).to_have_count(3)
    expect(panel(page).get_by_role("radio", name="SGD")).to_be_checked()
    settled(page)
    expect(chart(page, "gap-accuracy").locator("[data-part=gap]")).to_have_text(re.compile(r"gap −?[\d.]+ points?"))
