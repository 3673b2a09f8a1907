"""The page in Firefox and in WebKit, Safari's engine: what a visitor does, from opening it to making an experiment.

The steps are in engines/smoke.js, the same for both; Chromium has tests of its own.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

STEPS = Path(__file__).parent / "engines" / "smoke.js"
NODE = Path(sys.executable).with_name("node")
# Before pytest's own limit ends all tests of the process.
LIMIT_S = 500
NEEDED = {
    "firefox": {"firefox": ["firefox-esr", "firefox"]},
    "webkit": {
        "driver": ["WebKitWebDriver"],
        # With libwebkit2gtk, which the driver's package brings, in a folder of the machine's kind.
        "browser": [str(found) for found in Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser")],
        "screen": ["Xvfb"],
        "windows": ["openbox"],
    },
}
PACKAGES = {"firefox": "firefox-esr", "webkit": "webkit2gtk-driver xvfb openbox"}


def programs_of(browser: str) -> dict[str, str]:
    """What has to be started for it, by path."""
    found = {part: next(filter(None, map(shutil.which, names)), None) for part, names in NEEDED[browser].items()}
    if missing := [part for part, path in found.items() if path is None]:
        pytest.skip(f"no {browser} on this machine, its {', '.join(missing)}: apt install {PACKAGES[browser]}")
    return found


@pytest.mark.parametrize("browser_name", ["firefox", "webkit"])
def test_a_visitor_races_draws_exports_shares_presents_comes_back_reads_how_it_works_and_makes_an_experiment(
    browser_name, address
):
    environment = {**os.environ, "PROGRAMS": json.dumps(programs_of(browser_name))}
    arguments = [NODE, STEPS, browser_name, address]
    output = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(arguments, env=environment, process_group=0, **output) as steps:
        try:
            said, _ = steps.communicate(timeout=LIMIT_S)
        except subprocess.TimeoutExpired:
            os.killpg(steps.pid, signal.SIGKILL)
            raise
    assert steps.returncode == 0, said
