"""The worker process: trains one lane after another, sends the events, and ends with its server.

A second thread receives commands, so that checking for one costs the training nothing. It also answers the server's
pings, so that a long step does not look like a hanging process. When the server's end of the socket closes, even by
kill -9, the process ends at once.
"""

import contextlib
import os
import queue
import resource
import socket
import threading
import time
import traceback
from pathlib import Path
from typing import Any

from app.engine.channel import Ping, Pong, Ready, TrainLane, Unable, pack, receive
from app.engine.commands import SentCommand
from app.engine.control import LaneControl
from app.events import Detail, Frame, LaneEnded, LaneEvent, LaneStatus
from app.training.control import Waiting
from app.training.dataset import Dataset, open_dataset
from app.training.evaluation import Evaluator
from app.training.kernels import fastest_kernel
from app.training.trainer import RESULT_FRAME_S, train

# Training yields to the server's event loop, and to a browser on the same machine: frames are sent and drawn on time.
NICENESS = 19


def work(sock: socket.socket, prepared: Path, memory_limit: int) -> int:
    """Run until the server is gone; returns the exit status of a worker that could not begin.

    `prepared` is a folder made by `dataset.prepare`; `memory_limit` is in bytes.
    """
    outbox = _Outbox(sock)
    os.nice(NICENESS)
    with contextlib.suppress(ValueError, OSError):
        # Where the system knows no such limit, a lane that takes too much is a matter between it and the system.
        resource.setrlimit(resource.RLIMIT_AS, (memory_limit, memory_limit))
    try:
        dataset = open_dataset(prepared)
        evaluator = Evaluator(dataset)
        fastest = fastest_kernel()
        inbox = _Inbox(sock, outbox)
    except (OSError, ValueError, MemoryError, RuntimeError) as error:
        # The last is that of a thread that the system does not start.
        with contextlib.suppress(OSError):
            outbox.send(Unable(f"{type(error).__name__}: {error}".removesuffix(": ")))
        return 1
    try:
        outbox.send(Ready(fastest))
        while True:
            _train(dataset, evaluator, *inbox.next_lane(), inbox, outbox)
    except OSError:
        return 0


def _train(
    dataset: Dataset,
    evaluator: Evaluator,
    task: TrainLane,
    control: LaneControl,
    inbox: "_Inbox",
    outbox: "_Outbox",
) -> None:
    step = 0
    # No one watches a lane of which only the result is needed: fewer messages interrupt the server less.
    together_s = RESULT_FRAME_S if task.detail is Detail.RESULT else 0.0
    held: list[LaneEvent] = []
    sent = time.monotonic()
    try:
        for event in train(dataset, task.config, task.lane, control, task.kernel, evaluator, task.detail):
            if isinstance(event, Waiting):
                outbox.send(*held)
                held.clear()
                inbox.wait(control, event.until)
                continue
            if isinstance(event, Frame):
                step = event.first_step + len(event.loss) - 1
            held.append(event)
            if isinstance(event, LaneEnded) or time.monotonic() >= sent + together_s:
                outbox.send(*held)
                held.clear()
                sent = time.monotonic()
    except OSError:
        raise
    except MemoryError:
        reason = "The lane ran out of memory. Try a smaller batch or fewer hidden units."
        outbox.send(*held, LaneEnded(task.lane, LaneStatus.FAILED, step, reason))
    except Exception as error:
        # Whatever went wrong is shown on the lane, and this process is ready for the next one.
        reason = f"The lane's worker failed: {type(error).__name__}: {error}"
        outbox.send(*held, LaneEnded(task.lane, LaneStatus.FAILED, step, reason))


class _Outbox:
    """Sends the messages of both threads, one whole message after the other."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._sending = threading.Lock()

    def send(self, *messages: Any) -> None:
        """Raises OSError when the server is gone."""
        packed = b"".join(map(pack, messages))
        with self._sending:
            self._sock.sendall(packed)


class _Inbox:
    """Lanes and commands from the server, received by a thread of their own."""

    def __init__(self, sock: socket.socket, outbox: _Outbox) -> None:
        self._sock = sock
        self._outbox = outbox
        self._lanes: queue.SimpleQueue[tuple[TrainLane, LaneControl]] = queue.SimpleQueue()
        self._delivered = threading.Condition()
        threading.Thread(target=self._listen, name="inbox", daemon=True).start()

    def next_lane(self) -> tuple[TrainLane, LaneControl]:
        return self._lanes.get()

    def wait(self, control: LaneControl, until: float | None) -> None:
        """Return when there is a command for the lane, or at `until`, by `time.monotonic`."""
        timeout_s = None if until is None else max(0.0, until - time.monotonic())
        with self._delivered:
            self._delivered.wait_for(lambda: control.pending, timeout_s)

    def _listen(self) -> None:
        # A command that comes after its lane has ended is lost.
        control = LaneControl()
        try:
            while True:
                match receive(self._sock):
                    case TrainLane() as task:
                        control = LaneControl(task.commands)
                        self._lanes.put((task, control))
                    case SentCommand() as command:
                        with self._delivered:
                            control.deliver(command)
                            self._delivered.notify()
                    case Ping():
                        self._outbox.send(Pong())
        except (EOFError, OSError):
            os._exit(0)
        except BaseException:
            # A lane that hears nothing any more could not even be stopped.
            traceback.print_exc()
            os._exit(1)
