"""An engine without processes: the lanes take turns in this one. Slower, but nothing to start and nothing to leak."""

import asyncio

from app.config import RunConfig
from app.engine.base import Tell
from app.training.dataset import Dataset
from app.training.evaluation import Evaluator
from app.training.forms import Form
from app.training.trainer import train


class InlineEngine:
    """Steps all lanes in turn, one event at a time, between other work of the event loop."""

    def __init__(self, dataset: Dataset, form: Form = Form.WHOLE) -> None:
        self.form = form
        self._dataset = dataset
        self._evaluator = Evaluator(dataset)

    async def open(self) -> None:
        pass

    async def run(self, config: RunConfig, tell: Tell, stop: asyncio.Event) -> None:
        lanes = [
            train(self._dataset, config, lane, stop.is_set, self.form, self._evaluator)
            for lane in range(len(config.lanes))
        ]
        while lanes:
            for events in list(lanes):
                event = next(events, None)
                if event is None:
                    lanes.remove(events)
                else:
                    tell(event)
                await asyncio.sleep(0)

    async def close(self) -> None:
        pass
