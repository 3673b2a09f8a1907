"""Numbers as people type them; what they mean is the same as on the page (tests/js/model/number-input.test.js)."""

import json
from pathlib import Path

import pytest

from app.choices import LANE_SETTINGS, RATE
from app.number_input import read_number, read_share, read_whole, read_widths, readings, shares, write_widths
from app.training.optimizers import OPTIMIZERS

TYPED = json.loads((Path(__file__).parent / "fixtures" / "typed-numbers.json").read_text("utf-8"))


@pytest.mark.parametrize(("text", "numbers"), TYPED["readings"])
def test_a_text_stands_for_these_numbers(text, numbers):
    assert readings(text) == numbers


@pytest.mark.parametrize(("text", "number"), TYPED["whole"])
def test_a_text_stands_for_this_whole_number(text, number):
    if number is None:
        with pytest.raises(ValueError, match="expected a whole number, got"):
            read_whole(text)
    else:
        assert read_whole(text) == number


def test_the_range_decides_and_where_it_cannot_nothing_is_guessed():
    assert read_number("1.000", 0, 10) == read_number("1,000", 0, 10) == 1
    assert read_number("1,000", 500, 10_000) == 1000
    for text in ("1,000", "1.000"):
        with pytest.raises(ValueError, match="can be read as 1 or as 1000"):
            read_number(text)


@pytest.mark.parametrize(("text", "found"), TYPED["shares"])
def test_a_share_may_be_a_percentage(text, found):
    assert shares(text) == found
    if found:
        assert read_share(text) == found[0]
    else:
        with pytest.raises(ValueError, match=r"expected a share, as 0\.95 or 95%, got"):
            read_share(text)


@pytest.mark.parametrize(("text", "widths"), TYPED["widths"])
def test_a_list_that_may_be_one_number_is_not_guessed(text, widths):
    if isinstance(widths, list):
        assert read_widths(text) == widths
    else:
        with pytest.raises(ValueError, match="may be one number or several" if widths else "expected whole numbers"):
            read_widths(text)


@pytest.mark.parametrize(
    ("widths", "text"), [([128, 64], "128,64"), ([128, 5], "128, 5"), ([1, 100], "1, 100"), ([4], "4")]
)
def test_what_is_written_is_read_as_meant(widths, text):
    assert write_widths(widths) == text
    assert read_widths(text) == widths


def test_of_a_lane_no_number_is_as_large_as_a_thousand():
    letters = [each for rule in OPTIMIZERS.values() for each in rule.hyperparameters.values()]
    ranges = [row.range for row in LANE_SETTINGS.values() if row.range] + [(each.low, each.high) for each in letters]
    assert max(high for _, high in ranges) <= RATE[1]
