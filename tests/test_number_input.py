"""Numbers as people type them; what they mean is the same as on the page (tests/js/number-input.test.js)."""

import json
from pathlib import Path

import pytest

from app.number_input import read_number, read_share, read_whole, readings

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


def test_what_can_be_read_in_two_ways_is_not_guessed():
    assert read_number("1.000") == 1
    with pytest.raises(ValueError, match="can be read as 1 or as 1000"):
        read_number("1,000")


@pytest.mark.parametrize("text", ["0.97", "0,97", "97%", "97 %", "97\u202f%", "\uff19\uff17\uff05"])
def test_a_share_may_be_a_percentage(text):
    assert read_share(text) == 0.97
