"""The digits that are chosen for the wall tell of a race what all test digits tell."""

import numpy as np
import pytest

from app.training.dataset import Dataset
from app.training.wall_choice import choose_wall

STEPS = range(1, 13)


@pytest.fixture(scope="module")
def races() -> list[list[dict[int, np.ndarray]]]:
    """Two races of three lanes over 500 digits. Two lanes end closer than a digit of the wall can tell."""
    rng = np.random.default_rng(3)
    difficulty = rng.random(500)

    def lane(last: float) -> dict[int, np.ndarray]:
        skills = np.linspace(0.1, last, len(STEPS))
        return {
            step: difficulty + 0.05 * rng.normal(size=500) < skill for step, skill in zip(STEPS, skills, strict=True)
        }

    return [[lane(last) for last in (0.9, 0.97, 0.972)] for _ in range(2)]


def test_they_tell_the_share_and_the_order_of_all(few_digits: Dataset, races) -> None:
    chosen = choose_wall(races, few_digits.test_labels)

    assert len(set(chosen)) == 100
    assert np.bincount(few_digits.test_labels[chosen]).tolist() == [10] * 10
    for lanes in races:
        share = np.array([[100 * lane[step].mean() for step in STEPS] for lane in lanes])
        lit = np.array([[lane[step][chosen].sum() for step in STEPS] for lane in lanes])
        assert np.abs(lit - share).max() <= 2
        for one, other in ((0, 1), (0, 2), (1, 2)):
            apart, more = share[one] - share[other], lit[one] - lit[other]
            assert (np.sign(apart) * more >= 0).all()
            assert (np.sign(apart) * more > 0)[np.abs(apart) >= 1].all()
            assert np.sign(apart[-1]) == np.sign(more[-1])
