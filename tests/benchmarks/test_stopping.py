"""A measurement that is ended takes all its processes with it."""

import subprocess
import sys

import psutil
import pytest

from tests.waiting import TIMEOUT_S, until

pytestmark = pytest.mark.slow


def test_a_measurement_that_is_ended_leaves_no_process():
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks", "load"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as command:
        try:
            process = psutil.Process(command.pid)
            until(lambda: len(process.children(recursive=True)) >= 2, "it has started processes")
            started = process.children(recursive=True)
            command.terminate()

            assert command.wait(timeout=TIMEOUT_S) == 130
            psutil.wait_procs(started, timeout=TIMEOUT_S)
            assert [each for each in started if each.is_running() and each.status() != psutil.STATUS_ZOMBIE] == []
        finally:
            command.kill()
