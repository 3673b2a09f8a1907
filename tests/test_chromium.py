"""A machine without Chromium: one download is tried, it ends, and what to install is said."""

import os
import socket
import subprocess
import sys
import time

import pytest

from tests.browser.chromium import MISSING, download


@pytest.fixture
def bare(monkeypatch, tmp_path) -> None:
    """No Chromium anywhere, and no network to get one from."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    monkeypatch.setenv("PLAYWRIGHT_DOWNLOAD_HOST", f"http://127.0.0.1:{port}")


def run(*module: str, **environment: str) -> subprocess.CompletedProcess[str]:
    # The options of this run of pytest are not meant for another.
    own = {name: value for name, value in os.environ.items() if name != "CI" and not name.startswith("PYTEST")}
    return subprocess.run(
        [sys.executable, "-m", *module],
        env={**own, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize(("environment", "status"), [({}, 0), ({"CI": "true"}, 1)])
def test_what_to_install_is_said_once_the_download_has_failed(bare, environment, status):
    told = run("tests.browser.chromium", **environment)

    assert told.stdout.splitlines()[-2:] == ["The download failed.", f"Tests in a browser cannot run: {MISSING}."]
    assert (told.returncode, told.stderr) == (status, "")


def test_a_path_that_is_no_program_is_said_and_nothing_is_downloaded(bare):
    told = run("tests.browser.chromium", CHROMIUM="/no/such/chromium")

    assert told.stdout == (
        "Tests in a browser cannot run: CHROMIUM is /no/such/chromium, which is no program that can be run.\n"
    )


def test_a_download_that_never_comes_is_given_up(bare, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("PLAYWRIGHT_DOWNLOAD_HOST", f"http://127.0.0.1:{silent.getsockname()[1]}")
        began = time.monotonic()

        assert not download(timeout_s=3)

    # Playwright would wait for 30 s, several times.
    assert time.monotonic() - began < 30


@pytest.mark.slow
@pytest.mark.parametrize(("environment", "outcome"), [({}, "skipped"), ({"CI": "true"}, "error")])
def test_a_browser_test_says_why_it_is_skipped_and_fails_in_ci(bare, environment, outcome):
    one = "tests/browser/layout/test_loading.py::test_what_is_not_needed_at_first_comes_by_itself"
    told = run("pytest", "-rs", "-p", "no:cacheprovider", one, **environment)

    assert f"1 {outcome}" in told.stdout
    assert "no Chromium on this machine: install one" in " ".join(told.stdout.split())
