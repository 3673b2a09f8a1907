"""What is said of the trainings behind the claims is what is trained."""

import pytest

from app.claims import plan as module
from app.claims.plan import Plan, groups
from app.config import RunConfig


def test_what_is_said_of_each_group_follows_its_grid(monkeypatch: pytest.MonkeyPatch) -> None:
    longer = RunConfig.of({"lanes": [{"optimizer": "adam"}], "learning_rate": 0.002, "batch_size": 128})
    monkeypatch.setattr(module, "LONGER", longer)
    small = Plan(seeds=2, epochs=1, rates=(0.001, 0.1), whole_epochs=2, longer_epochs=3)

    assert [(group.name, group.says) for group in groups(small, 2_000)] == [
        ("race", "SGD, Momentum and Adam at the learning rate 0.01, batch 64, 1 epoch"),
        ("rates", "SGD, Momentum and Adam at 2 learning rates from 0.001 to 0.1, batch 64, 1 epoch"),
        ("whole", "SGD at the learning rate 0.1 with all 2,000 examples in one batch, 2 epochs"),
        ("small", "SGD at the learning rate 0.1, batch 64, 1 epoch"),
        ("longer", "Adam at the learning rate 0.002, batch 128, 3 epochs"),
    ]
