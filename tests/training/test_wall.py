"""The wall: which test digits are followed one by one."""

import numpy as np
import pytest

from app.training.dataset import Dataset
from app.training.wall import choose_wall, wall_digits


def test_the_wall_of_the_digits_on_board_is_chosen_and_sorted_by_label(digits: Dataset) -> None:
    wall = wall_digits(digits.test_labels)
    labels = digits.test_labels[wall].tolist()

    assert len(set(wall.tolist())) == 100
    assert labels == sorted(labels)
    shares = np.bincount(digits.test_labels) / len(digits.test_labels)
    assert np.abs(np.bincount(labels) - 100 * shares).max() <= 1


@pytest.mark.parametrize(
    ("labels", "size"),
    [(np.arange(500) % 10, 100), (np.arange(500) % 7, 100), (np.zeros(300, int), 100), (np.arange(30) % 10, 30)],
)
def test_a_wall_of_other_digits_has_as_many_of_every_label(labels: np.ndarray, size: int) -> None:
    wall = wall_digits(labels.astype(np.uint8))
    counts = np.bincount(labels[wall], minlength=10)

    assert len(set(wall.tolist())) == size
    assert counts[counts > 0].max() - counts[counts > 0].min() <= 1


def test_the_chosen_digits_are_read_as_often_as_all(few_digits: Dataset) -> None:
    rng = np.random.default_rng(3)
    difficulty = rng.random(500)
    right = np.array([difficulty < skill for skill in np.linspace(0.1, 0.98, 12)])

    chosen = choose_wall(right, few_digits.test_labels)

    assert len(set(chosen)) == 100
    assert np.abs(right[:, chosen].mean(axis=1) - right.mean(axis=1)).max() <= 0.03
