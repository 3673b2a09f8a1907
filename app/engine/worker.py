"""The child process: trains one lane after another, sends what happens, and ends with its server.

A second thread listens for commands, so that looking for one costs the training nothing. When the server's end of the
socket closes, for whatever reason, kill -9 included, the process ends at once.
"""

import contextlib
import os
import queue
import resource
import signal
import socket
import threading
from pathlib import Path

from app.engine.channel import Ready, StopLane, TrainLane, pack, receive
from app.events import Frame, LaneEnded, LaneStatus
from app.training.dataset import Dataset, open_dataset
from app.training.evaluation import Evaluator
from app.training.forms import fastest_form
from app.training.trainer import train

# Training yields to the server's event loop, and to a browser on the same machine: frames are sent and drawn on time.
NICENESS = 19


def work(sock: socket.socket, prepared: Path, memory_limit: int) -> None:
    """Run until the server is gone. `prepared` is a folder made by `dataset.prepare`; `memory_limit` is in bytes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICENESS)
    with contextlib.suppress(ValueError, OSError):
        # Where the system knows no such limit, a lane that takes too much is a matter between it and the system.
        resource.setrlimit(resource.RLIMIT_AS, (memory_limit, memory_limit))
    dataset = open_dataset(prepared)
    evaluator = Evaluator(dataset)
    inbox = _Inbox(sock)
    try:
        sock.sendall(pack(Ready(fastest_form())))
        while True:
            _train(dataset, evaluator, inbox.next_lane(), inbox, sock)
    except OSError:
        os._exit(0)


def _train(dataset: Dataset, evaluator: Evaluator, task: TrainLane, inbox: "_Inbox", sock: socket.socket) -> None:
    step = 0
    try:
        for event in train(dataset, task.config, task.lane, inbox.stopped, task.form, evaluator):
            if isinstance(event, Frame):
                step = event.first_step + len(event.loss) - 1
            sock.sendall(pack(event))
    except OSError:
        raise
    except MemoryError:
        reason = "The lane ran out of memory. Try a smaller batch or fewer hidden units."
        sock.sendall(pack(LaneEnded(task.lane, LaneStatus.FAILED, step, reason)))
    except Exception as error:
        # Whatever went wrong, the visitor is told on the lane, and this process is ready for the next one.
        reason = f"The lane's worker failed: {type(error).__name__}: {error}"
        sock.sendall(pack(LaneEnded(task.lane, LaneStatus.FAILED, step, reason)))


class _Inbox:
    """Commands from the server, received by a thread of their own."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._lanes: queue.SimpleQueue[TrainLane] = queue.SimpleQueue()
        self._stopped = False
        threading.Thread(target=self._listen, name="inbox", daemon=True).start()

    def next_lane(self) -> TrainLane:
        return self._lanes.get()

    def stopped(self) -> bool:
        return self._stopped

    def _listen(self) -> None:
        try:
            while True:
                match receive(self._sock):
                    case TrainLane() as task:
                        # A stop that came too late for the lane before is not meant for this one.
                        self._stopped = False
                        self._lanes.put(task)
                    case StopLane():
                        self._stopped = True
        except (EOFError, OSError):
            os._exit(0)
