"""What a run may cost, with all of MNIST."""

import pytest

from app.config import AdamLane, RunConfig
from app.errors import InvalidConfig
from app.runs.limits import batches_per_epoch, weights
from app.settings import Settings

SIX = [AdamLane()] * 6


def test_weights_are_those_between_all_layers():
    assert weights(RunConfig(hidden=[128])) == 784 * 128 + 128 * 10
    assert weights(RunConfig(hidden=[30, 20])) == 784 * 30 + 30 * 20 + 20 * 10


def test_a_hundred_epochs_of_six_usual_networks_are_not_too_much():
    assert batches_per_epoch(RunConfig(epochs=100, lanes=SIX), 60_000, Settings()) == 937


def test_a_hundred_epochs_of_six_large_networks_are_too_much_and_the_sentence_says_why():
    with pytest.raises(InvalidConfig) as refusal:
        batches_per_epoch(RunConfig(epochs=100, hidden=[1024] * 3, lanes=SIX), 60_000, Settings())

    assert str(refusal.value) == (
        "100 epochs of 59,968 digits through 2,910,208 weights in 6 lanes are 1e+14 multiply-adds; this server does at "
        "most 1e+13 for one run. Take fewer epochs, narrower layers or fewer lanes."
    )
