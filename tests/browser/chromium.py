"""The Chromium that the tests drive: the machine's own, the one without windows first, or Playwright's.

`python -m tests.browser.chromium` makes sure that there is one before tests run. Where the machine has none, it tries
Playwright's download, once; where that fails too, it says what to install. Under CI that ends with status 1.
"""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.waiting import TIMEOUT_S

# Another name of this machine, which a browser trusts no more than any other without https.
PLAIN_HOST = "playground.test"
# The first opens pages in half the time of the others.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
DOWNLOAD_TIMEOUT_S = 600.0
MISSING = (
    "no Chromium on this machine: install one (Debian: apt install chromium-headless-shell), or set CHROMIUM to the "
    "path of one; with access to the internet, `make test` downloads Playwright's"
)


class ChromiumMissing(Exception):
    """Neither the machine nor Playwright has one."""


def find(playwright: Playwright) -> str:
    """The path of its executable; CHROMIUM goes first, and alone when it is set."""
    named = os.environ.get("CHROMIUM")
    for name in [named] if named else NAMES:
        if found := shutil.which(name):
            return found
    if named:
        raise ChromiumMissing(f"CHROMIUM is {named}, which is no program that can be run")
    if Path(playwright.chromium.executable_path).exists():
        return playwright.chromium.executable_path
    raise ChromiumMissing(MISSING)


def launch(playwright: Playwright) -> Browser:
    """Raises ChromiumMissing."""
    return playwright.chromium.launch(
        executable_path=find(playwright),
        timeout=TIMEOUT_S * 1000,
        # Chromium refuses its sandbox to root, which is who runs tests in a container.
        chromium_sandbox=os.geteuid() != 0,
        args=["--disable-gpu", "--disable-background-networking", f"--host-resolver-rules=MAP {PLAIN_HOST} 127.0.0.1"],
    )


def download(timeout_s: float = DOWNLOAD_TIMEOUT_S) -> bool:
    """Try Playwright's own download; whether it was had within `timeout_s`."""
    install = subprocess.Popen(
        [sys.executable, "-m", "playwright", "install", "chromium"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        # It starts processes of its own, which would outlive it.
        start_new_session=True,
    )
    with install:
        try:
            install.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            os.killpg(install.pid, signal.SIGKILL)
    return install.returncode == 0


def missing() -> str | None:
    """Why no Chromium can be started; None when one can be."""
    with sync_playwright() as playwright:
        try:
            find(playwright)
        except ChromiumMissing as problem:
            return str(problem)
    return None


def main() -> None:
    if missing() == MISSING:
        print("No Chromium on this machine. Downloading Playwright's, which may take some minutes…", flush=True)
        if not download():
            print("The download failed.")
    if problem := missing():
        print(f"Tests in a browser cannot run: {problem}.")
        sys.exit(1 if os.environ.get("CI") else 0)


if __name__ == "__main__":
    main()
