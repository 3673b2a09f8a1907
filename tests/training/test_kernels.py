"""Choosing a form: what can be said of it on any machine."""

from app.training.dataset import Dataset
from app.training.kernels import Kernel, fastest_kernel
from tests.training.lane import numbers, trained


def test_the_fastest_form_is_a_fast_one() -> None:
    assert fastest_kernel() in {Kernel.WHOLE, Kernel.SPLIT}


def test_the_same_form_gives_the_same_numbers_bit_for_bit(few_digits: Dataset) -> None:
    for kernel in Kernel:
        assert numbers(trained(few_digits, 2, kernel=kernel)) == numbers(trained(few_digits, 2, kernel=kernel))
