"""Both engines over unusual data sets."""

from pathlib import Path

import numpy as np
import pytest

from app.config import RunConfig
from app.engine.commands import CommandQueue, Stop
from app.engine.inline import InlineEngine
from app.engine.local import LocalEngine
from app.events import Evaluation, LaneEnded, LaneEvent, LaneStatus
from app.training.dataset import Dataset
from tests.engine.racing import racing
from tests.training.generated import dataset_of

pytestmark = pytest.mark.slow

DATA = {
    "all pixels live": dataset_of(live=784),
    "blank": dataset_of(live=0),
    "one digit of one class": dataset_of(live=1, train=1, test=1, classes=1),
}


def kept_in(folder: Path, dataset: Dataset) -> Path:
    for name, array in dataset._asdict().items():
        np.save(folder / f"{name}.npy", array)
    return folder


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("kind", ["inline", "local"])
async def test_a_race_on_any_digits_finishes(tmp_path: Path, kind: str, data: str) -> None:
    dataset = DATA[data]
    engine = InlineEngine(dataset) if kind == "inline" else LocalEngine(kept_in(tmp_path, dataset), warm=2)
    config = RunConfig.of({"batch_size": 1, "epochs": 1, "lanes": [{"optimizer": "adam"}, {"optimizer": "lion"}]})
    events: list[LaneEvent] = []
    await engine.open()
    try:
        await engine.run(config, events.append, CommandQueue())
    finally:
        await engine.close()

    ends = {event for event in events if isinstance(event, LaneEnded)}
    assert ends == {LaneEnded(lane, LaneStatus.FINISHED, len(dataset.train_labels)) for lane in range(2)}
    told = [e for e in events if isinstance(e, Evaluation)]
    assert all(len(e.answers) == (0 if e.quick else len(dataset.test_labels)) for e in told)
    assert all(len(e.wall) == min(100, len(dataset.test_labels)) for e in told)


async def test_a_data_set_larger_than_a_lane_s_memory_is_mapped_and_trained_on(tmp_path: Path) -> None:
    """Sparse files: two million blank images take no room on the disk."""
    count = 2_000_000
    shapes = {"train_images": (count, 784), "train_labels": (count,), "live_images": (count, 16)}
    kept_in(tmp_path, dataset_of(live=0))
    for name, shape in shapes.items():
        np.lib.format.open_memmap(tmp_path / f"{name}.npy", mode="w+", dtype=np.uint8, shape=shape)
    engine = LocalEngine(tmp_path, warm=1, lane_memory_mb=1)
    config = RunConfig.of({"batch_size": 50_000, "epochs": 100, "hidden": [1], "lanes": [{"optimizer": "sgd"}]})
    await engine.open()
    try:
        async with racing(engine, config) as race:
            await race.until(40)
            race.commands.put(Stop())
    finally:
        await engine.close()

    assert [end.status for end in race.ends] == [LaneStatus.STOPPED]
