"""An engine without worker processes: the lanes take turns in this one. Slower, but it has nothing to start or leak."""

import asyncio
import math

from app.config import RunConfig
from app.engine.base import Capacity, Emit, LanesEndWithProcess
from app.engine.commands import CommandQueue
from app.engine.control import LaneControl
from app.events import Detail
from app.training.control import Waiting
from app.training.dataset import Dataset
from app.training.evaluation import Evaluator
from app.training.kernels import Kernel
from app.training.trainer import train


class InlineEngine(LanesEndWithProcess):
    """Steps all lanes in turn, one event at a time, between other work of the event loop."""

    def __init__(self, dataset: Dataset, kernel: Kernel = Kernel.WHOLE) -> None:
        self.kernel = kernel
        self.ready = False
        self.replaced = 0
        self.capacity = Capacity(1)
        self._dataset = dataset
        self._evaluator = Evaluator(dataset)

    async def open(self) -> None:
        self.ready = True

    async def run(
        self, config: RunConfig, emit: Emit, commands: CommandQueue, detail: Detail = Detail.EVERYTHING, **_: object
    ) -> None:
        given = commands.drain()
        controls = [LaneControl(o for o in given if o.concerns(lane)) for lane in range(len(config.lanes))]
        lanes = [
            (control, train(self._dataset, config, lane, control, self.kernel, self._evaluator, detail))
            for lane, control in enumerate(controls)
        ]
        while lanes:
            waiting: list[float] = []
            for control, events in list(lanes):
                event = next(events, None)
                if event is None:
                    lanes.remove((control, events))
                elif not isinstance(event, Waiting):
                    emit(event)
                elif not control.pending:
                    # A command may have arrived since the lane last polled.
                    waiting.append(math.inf if event.until is None else event.until)
                await asyncio.sleep(0)
            if lanes and len(waiting) == len(lanes):
                await commands.wait(min(waiting))
            for command in commands.drain():
                for lane, control in enumerate(controls):
                    if command.concerns(lane):
                        control.deliver(command)

    async def close(self) -> None:
        self.ready = False
