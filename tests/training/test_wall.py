"""The wall: which test digits are followed one by one."""

import numpy as np
import pytest

from app.training.dataset import Dataset
from app.training.wall import wall_digits


def test_each_row_of_the_wall_of_the_digits_on_board_is_one_of_the_ten_digits(digits: Dataset) -> None:
    wall = wall_digits(digits.test_labels)

    assert len(set(wall.tolist())) == 100
    assert digits.test_labels[wall].tolist() == [label for label in range(10) for _ in range(10)]


@pytest.mark.parametrize(
    ("labels", "size"),
    [(np.arange(500) % 10, 100), (np.arange(500) % 7, 100), (np.zeros(300, int), 100), (np.arange(30) % 10, 30)],
)
def test_a_wall_of_other_digits_has_as_many_of_every_label(labels: np.ndarray, size: int) -> None:
    wall = wall_digits(labels.astype(np.uint8))
    counts = np.bincount(labels[wall], minlength=10)

    assert len(set(wall.tolist())) == size
    assert counts[counts > 0].max() - counts[counts > 0].min() <= 1
