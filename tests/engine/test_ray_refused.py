"""A server that is to use Ray starts only where that is there and safe. Needs no Ray."""

import importlib.metadata
import subprocess
from pathlib import Path

import pytest

from app.engine.ray_cluster import check_ray
from app.errors import CannotStart
from tests.server_process import command


@pytest.fixture
def token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """All is well: Ray is installed, and there is a token."""
    file = tmp_path / "token"
    file.touch(0o600)
    file.write_text("secret")
    monkeypatch.setattr(importlib.metadata, "version", lambda _: "2.60.0")
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    monkeypatch.setenv("RAY_AUTH_TOKEN_PATH", str(file))
    monkeypatch.delenv("RAY_AUTH_TOKEN", raising=False)
    return file


def test_ray_with_a_token_that_only_its_owner_can_read_is_taken(token):
    check_ray()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_token_that_others_can_read_is_refused(token, mode):
    token.chmod(mode)

    with pytest.raises(CannotStart, match=rf"token, can be read by others \(mode {mode:o}\).* with mode 600"):
        check_ray()


def test_without_a_token_ray_is_refused(token, monkeypatch):
    token.write_text("")
    with pytest.raises(CannotStart, match="and there is none"):
        check_ray()
    token.unlink()
    with pytest.raises(CannotStart, match="can't be read: No such file"):
        check_ray()
    monkeypatch.setenv("RAY_AUTH_TOKEN", "secret")
    check_ray()


@pytest.mark.parametrize("mode", ["", "disabled", None])
def test_ray_without_authentication_is_refused(token, monkeypatch, mode):
    monkeypatch.delenv("RAY_AUTH_MODE") if mode is None else monkeypatch.setenv("RAY_AUTH_MODE", mode)

    with pytest.raises(CannotStart, match="runs code for anyone who reaches it: set RAY_AUTH_MODE=token"):
        check_ray()


@pytest.mark.parametrize(
    ("version", "taken"),
    [("2.9.3", False), ("2.51.2", False), ("2.59.0", False), ("2.60.0", True), ("2.60.1", True), ("3.0.0", True)],
)
def test_a_ray_with_known_holes_is_refused(token, monkeypatch, version, taken):
    monkeypatch.setattr(importlib.metadata, "version", lambda _: version)

    if taken:
        check_ray()
    else:
        with pytest.raises(CannotStart, match=rf"Ray {version} has known security holes: install 2\.60 or newer"):
            check_ray()


@pytest.mark.slow
def test_a_server_without_ray_says_what_to_install(few_idx_files: Path, tmp_path: Path):
    settings = {"DATA_DIR": str(few_idx_files), "CACHE_DIR": str(tmp_path), "PLAYGROUND_ENGINE": "ray"}
    # Where Ray is installed, as by `make cluster-test`, it is hidden.
    hidden = (
        "import importlib.metadata as m; version = m.version\n"
        "def without(name):\n    if name == 'ray': raise m.PackageNotFoundError(name)\n    return version(name)\n"
        "m.version = without"
    )
    found = subprocess.run(**command("serve", first=hidden, **settings))

    assert found.returncode == 2
    assert found.stderr.splitlines()[-1] == (
        "Error: PLAYGROUND_ENGINE=ray needs Ray, which is not installed: pip install 'optimizer-playground[ray]'."
    )
