"""A measurement that is ended takes all its processes with it."""

import signal
import subprocess
import sys

import psutil
import pytest

from tests.waiting import until


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_measurement_that_is_ended_leaves_no_process(sent):
    with subprocess.Popen(
        [sys.executable, "-m", "app", "load"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as command:
        process = psutil.Process(command.pid)
        until(lambda: len(process.children(recursive=True)) >= 2, "it has started processes")
        started = process.children(recursive=True)
        command.send_signal(sent)

        assert command.wait(timeout=30) == 130
        psutil.wait_procs(started, timeout=30)
        assert [each for each in started if each.is_running() and each.status() != psutil.STATUS_ZOMBIE] == []
