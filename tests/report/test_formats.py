"""Numbers are written as the page writes them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.report import formats

NUMBERS = Path(__file__).resolve().parents[1] / "fixtures" / "numbers.json"
TEXTS = json.loads(NUMBERS.read_text(encoding="utf-8"))["texts"]


@pytest.mark.parametrize(("name", "arguments", "text"), TEXTS)
def test_a_number_is_written_as_the_fixture_says(name: str, arguments: list[Any], text: str) -> None:
    first = float(arguments[0]) if isinstance(arguments[0], str) else arguments[0]

    assert getattr(formats, name)(first, *arguments[1:]) == text


def test_every_float32_is_read_back_from_its_text() -> None:
    bits = np.random.default_rng(0).integers(0, 2**32, 5_000, dtype=np.uint64).astype(np.uint32)
    values = bits.view(np.float32)[np.isfinite(bits.view(np.float32))]

    assert all(np.float32(formats.single(value)) == value for value in values.tolist())


def test_a_column_is_written_as_its_values_are() -> None:
    dice = np.random.default_rng(0)
    bits = dice.integers(0, 2**32, 5_000, dtype=np.uint64).astype(np.uint32).view(np.float32)
    # Fractions end in a 5 that is rounded away from zero.
    fractions = (dice.integers(0, 2**20, 5_000) / 2.0 ** dice.integers(1, 20, 5_000)).astype(np.float32)
    column = np.concatenate([bits, fractions, np.float32([0, -0.0, 1, 1e16, np.nan, np.inf, -np.inf])])

    assert list(formats.singles(column)) == [formats.single(value) for value in column.tolist()]
