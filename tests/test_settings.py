"""The operator's choices: environment variables in, one frozen and valid object out."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from app.cli import settings_from_environment
from app.errors import InvalidConfig
from app.settings import Settings
from app.training.idx import FILES

NAMES = [name.upper() for name in Settings.model_fields]


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def test_without_a_word_it_listens_on_this_machine_only() -> None:
    settings = Settings()

    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.max_running >= 1
    assert (settings.max_queued, settings.max_kept) == (50, 100)


def test_in_little_memory_little_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = []
    for there in (16_000, 512, 8):
        monkeypatch.setattr("app.settings.memory_mb", lambda there=there: there)
        kept.append((Settings().max_kept_mb, Settings().max_networks_mb))

    assert kept == [(256, 256), (32, 32), (1, 1)]


def test_the_digits_on_board_are_the_default() -> None:
    assert {file.name for file in Settings().data_dir.glob("*.gz")} == {f"{stem}.gz" for stem in FILES.values()}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("HOST", "0.0.0.0", "0.0.0.0"),
        ("PORT", "9000", 9000),
        ("DATA_DIR", "/srv/fashion", Path("/srv/fashion")),
        ("CACHE_DIR", "/var/cache/digits", Path("/var/cache/digits")),
        ("LOG_FORMAT", "json", "json"),
        ("LOG_LEVEL", "warning", "warning"),
        ("RUNS_DIR", "/var/lib/playground", Path("/var/lib/playground")),
        ("DATABASE_URL", "", ""),
        ("DATABASE_URL", "postgresql://host/runs", "postgresql://host/runs"),
        ("KEEP_DAYS", "7", 7),
        ("KEEP_RUNS", "10", 10),
        ("KEEP_MB", "64", 64),
        ("MAX_KEPT_MB", "32", 32),
        ("MAX_RUNNING", "4", 4),
        ("MAX_RUN_MEMORY_MB", "512", 512),
        ("MAX_QUEUED", "0", 0),
        ("MAX_KEPT", "1", 1),
        ("MAX_NETWORKS_MB", "8", 8),
        ("MAX_STEPS", "937", 937),
        ("MAX_LANE_MEMORY_MB", "64", 64),
    ],
)
def test_each_setting_is_an_environment_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, value: object
) -> None:
    monkeypatch.setenv(name, text)

    assert getattr(Settings(), name.lower()) == value


def test_sites_are_known_as_browsers_name_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://Playground.example.org/")
    monkeypatch.setenv("ALLOWED_ORIGINS", " https://one.example/, http://two.example:8080 ")

    assert Settings().public_url == Settings().public_origin == "https://playground.example.org"
    assert Settings().origins == ["https://one.example", "http://two.example:8080"]


def test_the_path_of_the_address_is_kept_as_it_is_written() -> None:
    settings = Settings(public_url="https://Example.org/Teaching/playground/")

    assert settings.public_url == "https://example.org/Teaching/playground"
    assert settings.public_origin == "https://example.org"


def test_what_is_said_outright_beats_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "9000")

    assert Settings(port=9001).port == 9001


def test_a_file_called_dotenv_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("PORT=9000\n")
    monkeypatch.chdir(tmp_path)

    assert Settings().port == 8000


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PORT", "eighty"),
        ("PORT", "-1"),
        ("PORT", "65536"),
        ("MAX_RUNNING", "0"),
        ("MAX_QUEUED", "-1"),
        ("MAX_KEPT", "0"),
        ("MAX_STEPS", "0"),
        ("MAX_LANE_MEMORY_MB", "much"),
        ("KEEP_DAYS", "999999"),
        ("PUBLIC_URL", "playground.example.org"),
        ("PUBLIC_URL", "https://example.org/a//b"),
        ("PUBLIC_URL", "https://example.org/../playground"),
        ("PUBLIC_URL", "https://example.org/playground?theme=dark"),
        ("PUBLIC_URL", "https://example.org/runs"),
        ("PUBLIC_URL", "ftp://example.org"),
        ("TRUSTED_PROXY_HEADER", "x forwarded for"),
        ("TRUSTED_PROXY_HEADER", "Forwarded"),
        ("ALLOWED_ORIGINS", "*"),
        ("ALLOWED_ORIGINS", "https://one.example,two.example"),
        ("FRAME_ANCESTORS", "€"),
        ("FRAME_ANCESTORS", "'self'; script-src *"),
        ("PASSPHRASE", "caf\udce9"),
        ("PASSPHRASE", "x" * 501),
        ("TEACHER_KEY", "x" * 501),
    ],
)
def test_a_bad_setting_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, name: str, text: str) -> None:
    monkeypatch.setenv(name, text)

    with pytest.raises(ValidationError) as refusal:
        Settings()

    assert [str(part).upper() for problem in refusal.value.errors() for part in problem["loc"]] == [name]


def test_a_refused_secret_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSPHRASE", "open sesame" * 50)

    with pytest.raises(InvalidConfig, match="The setting PASSPHRASE should have at most 500 characters") as refusal:
        settings_from_environment()

    assert "sesame" not in str(refusal.value)


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        Settings().port = 9000
