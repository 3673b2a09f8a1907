"""The page over a hundred digits of one class, with ink in every pixel."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.race.test_pictures import answered, cell, panel
from tests.browser.reading import play, state
from tests.server_process import served
from tests.training.generated import dataset_of
from tests.training.idx import write_dataset
from tests.waiting import until


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Of a server over these digits, in place of the one that the other tests share."""
    folder = tmp_path / "one-class"
    folder.mkdir()
    write_dataset(folder, dataset_of(live=784, test=7, classes=1))
    with served(folder, tmp_path, MAX_RUNNING="1") as (_, address):
        yield address


def test_a_race_on_other_digits_is_shown_with_all_its_pictures(open_page):
    page = open_page("/?epochs=3&batch_size=100")
    play(page)
    state(page, "finished")

    expect(page.locator("[data-part=digits] li:not([data-empty]) canvas[data-inked]")).to_have_count(7)
    expect(panel(page, "weights").locator("canvas").first).to_be_visible()
    expect(cell(page, 0, 0)).to_be_visible()
    expect(page.get_by_role("button", name="Example: a")).to_have_count(1)
    panel(page, "draw").get_by_role("button", name="Example: a 0").click()
    until(lambda: answered(page), "all lanes answer")
