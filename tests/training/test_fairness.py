"""A race is fair: same weights, same batches, and the same numbers whenever and wherever it is run again."""

import hashlib
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from app.training.dataset import Dataset, open_dataset
from tests.training.lane import column, evaluations, numbers, trained


def test_all_lanes_start_from_the_same_weights(few_digits: Dataset) -> None:
    races = [trained(few_digits, lane, epochs=1) for lane in range(3)]

    assert len({float(column(events, "loss")[0]) for events in races}) == 1
    first = [evaluations(events)[0] for events in races]
    assert {e.step for e in first} == {0}
    assert len({(e.test_loss, e.train_loss, e.answers.tobytes()) for e in first}) == 1


def test_all_lanes_get_the_same_batches_in_the_same_order(few_digits: Dataset) -> None:
    """With almost no learning, a batch's loss identifies the batch."""
    losses = [column(trained(few_digits, lane, learning_rate=1e-6, batch_size=8), "loss") for lane in range(3)]

    assert losses[0].std() > 0.1
    for other in losses[1:]:
        assert np.corrcoef(losses[0], other)[0, 1] > 0.99


def test_the_same_seed_gives_the_same_numbers_bit_for_bit(few_digits: Dataset) -> None:
    for lane in range(3):
        assert numbers(trained(few_digits, lane)) == numbers(trained(few_digits, lane))


def digests(prepared: Path) -> list[str]:
    dataset = open_dataset(prepared)
    return [hashlib.sha256(numbers(trained(dataset, lane))).hexdigest() for lane in range(3)]


def test_another_process_gives_the_same_numbers_bit_for_bit(prepared_few: Path) -> None:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        elsewhere = pool.submit(digests, prepared_few)
        assert digests(prepared_few) == elsewhere.result()


def test_another_seed_gives_other_weights_and_batches(few_digits: Dataset) -> None:
    here, there = trained(few_digits, seed=1), trained(few_digits, seed=2)

    assert evaluations(here)[0].test_loss != evaluations(there)[0].test_loss
    assert not np.array_equal(column(here, "loss"), column(there, "loss"))


def test_a_lane_trains_with_its_own_learning_rate(few_digits: Dataset) -> None:
    own = trained(few_digits, learning_rate=0.5, lanes=[{"optimizer": "sgd", "learning_rate": 0.1}])
    shared = trained(few_digits, learning_rate=0.1)

    assert numbers(own) == numbers(shared)
