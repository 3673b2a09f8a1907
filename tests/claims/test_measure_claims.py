"""The command that measures the claims, at a tiny size."""

from pathlib import Path

import pytest

from app.claims.plan import Plan
from app.claims.table import CLAIMS
from app.measure_claims import measure, page
from app.training.dataset import Dataset

pytestmark = pytest.mark.slow

TINY = Plan(seeds=2, epochs=1, rates=(0.001, 0.1), whole_epochs=2, longer_epochs=2)


async def test_it_trains_every_group_with_every_seed_and_writes_each_claim(
    prepared_few: Path, few_digits: Dataset, capfd: pytest.CaptureFixture[str]
) -> None:
    measured = await measure(prepared_few, few_digits, TINY)
    text = page(measured, few_digits, TINY, "Measured in a test.")

    assert [training.config.seed for training in measured.race["adam"]] == [42, 43]
    # The best of many learning rates is trained again with other seeds.
    assert [training.config.seed for training in measured.tuned["adam"]] == [44, 45]
    assert {name: curve.points[0].rate for name, curve in measured.curves[0].items()} == dict.fromkeys(
        ("sgd", "momentum", "adam"), 0.001
    )
    assert [training.lane["steps"] for training in measured.whole] == [2, 2]
    assert all(-1 <= cosine <= 1 for each in measured.angles for cosine in each)
    # 2,000 digits are 31 batches of 64, and not 937: the verdict says so.
    (epoch,) = [claim.quote for claim in CLAIMS if "937 updates" in claim.quote]
    assert f"| **doesn't** | {epoch} | One epoch is 937 updates: **no**. updates 31 |" in text
    assert all(f"| {claim.quote} |" in text for claim in CLAIMS)
    assert "race: 6 of 6 trainings" in capfd.readouterr().err
