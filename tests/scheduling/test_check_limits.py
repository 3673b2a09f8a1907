"""What a run may cost, with all of MNIST."""

import pytest

from app.config import AdamLane, RunConfig
from app.errors import InvalidConfig
from app.scheduling.check_limits import batches_per_epoch, check_sweep, weights
from app.settings import Settings
from app.sweeps.grid import grid

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
        "100 epochs of 59,968 digits through 2,910,208 weights in 6 lanes are 104,711,612,006,400 multiply-adds; this "
        "server does at most 10,000,000,000,000 for one run. Take fewer epochs, narrower layers or fewer lanes."
    )


@pytest.mark.parametrize(
    ("config", "advice"),
    [
        (RunConfig(epochs=30, batch_size=1), "Take at most 16 epochs or batches of at least 2."),
        (RunConfig(epochs=100, batch_size=5), "Take at most 83 epochs or batches of at least 6."),
        (RunConfig(epochs=17, batch_size=1), "Take at most 16 epochs or batches of at least 2."),
    ],
)
def test_a_refusal_of_too_many_steps_says_what_would_fit(config, advice):
    with pytest.raises(InvalidConfig) as refusal:
        batches_per_epoch(config, 60_000, Settings())

    assert str(refusal.value).endswith(f"this server does at most 1,000,000. {advice}")
    epochs, batch_size = (int(number) for number in advice.removesuffix(".").split() if number.isdigit())
    for fewer in ({"epochs": epochs}, {"batch_size": batch_size}):
        assert batches_per_epoch(config.model_copy(update=fewer), 60_000, Settings())
    for still_too_many in ({"epochs": epochs + 1}, {"batch_size": batch_size - 1}):
        with pytest.raises(InvalidConfig):
            batches_per_epoch(config.model_copy(update={**still_too_many}), 60_000, Settings())


@pytest.mark.parametrize(
    ("max_steps", "fitting"),
    [
        (3 * 7 * 937, "1 learning rate fits."),
        (2 * 937, "not even one learning rate fits: take fewer epochs or values."),
    ],
)
def test_a_refusal_of_a_sweep_says_what_fits_in_good_english(max_steps, fitting):
    found = grid({"learning_rate": [0.001 * 2**i for i in range(8)], "seed": list(range(6))}, {"epochs": 1})

    with pytest.raises(InvalidConfig, match=f"With these seeds, {fitting}"):
        check_sweep(found, 60_000, Settings(max_steps=max_steps))


def test_a_single_epoch_is_told_in_good_english() -> None:
    with pytest.raises(InvalidConfig, match="1 epoch of batches of 1 is 60,000 steps"):
        batches_per_epoch(RunConfig(epochs=1, batch_size=1), 60_000, Settings(max_steps=10_000))


def test_of_values_that_take_different_times_the_first_ones_fit() -> None:
    found = grid({"batch_size": [64, 32, 8], "seed": [1, 2]}, {"epochs": 1})

    with pytest.raises(InvalidConfig, match="With these seeds, the first 2 batch sizes fit"):
        check_sweep(found, 60_000, Settings(max_steps=10_000))


ROOMY = {"max_lane_memory_mb": 1024, "max_run_memory_mb": 4096}


def test_six_lanes_that_fit_one_by_one_are_too_much_together():
    exhausting = RunConfig(epochs=1, batch_size=22_000, hidden=[1024] * 3, lanes=SIX)
    with pytest.raises(InvalidConfig) as refusal:
        batches_per_epoch(exhausting, 60_000, Settings(**ROOMY))

    assert str(refusal.value) == (
        "Batches of 22,000 with hidden widths [1024, 1024, 1024] in 6 lanes need about 7,292 MB; this server allows "
        "4,096 for one run. Take smaller batches, fewer units or fewer lanes."
    )


@pytest.mark.parametrize(
    ("memory_mb", "config"),
    [
        (512, RunConfig()),
        (512, RunConfig(lanes=[AdamLane()] * 4)),
        # What a control group of 512 MiB has.
        (536, RunConfig(lanes=[AdamLane()] * 5)),
        (536, RunConfig(batch_size=8_000)),
        (1024, RunConfig(lanes=SIX)),
        (1073, RunConfig(batch_size=20_000)),
        (2048, RunConfig(batch_size=60_000)),
        (8192, RunConfig(batch_size=60_000, lanes=SIX)),
    ],
)
def test_what_a_server_of_some_size_can_do_by_default(monkeypatch, memory_mb, config):
    monkeypatch.setattr("app.settings.memory_mb", lambda: memory_mb)

    assert batches_per_epoch(config, 60_000, Settings(max_running=1)) >= 1


@pytest.mark.parametrize("config", [RunConfig(lanes=SIX), RunConfig(batch_size=20_000)])
def test_what_a_group_of_512_mib_refuses(monkeypatch, config):
    monkeypatch.setattr("app.settings.memory_mb", lambda: 536)

    with pytest.raises(InvalidConfig, match="this server allows 344 for one run"):
        batches_per_epoch(config, 60_000, Settings(max_running=1))


def test_runs_at_once_share_the_memory_and_no_server_refuses_the_default_race(monkeypatch):
    def room(memory_mb: int, **settings: int) -> int:
        monkeypatch.setattr("app.settings.memory_mb", lambda: memory_mb)
        return Settings(**settings).run_memory_mb

    assert room(2048, max_running=1) == 1536
    assert room(2048, max_running=3) == 512
    assert room(64_000, max_running=1) == 4096
    assert room(128, max_running=8) == 256
    assert batches_per_epoch(RunConfig(), 60_000, Settings(max_run_memory_mb=256)) == 937
