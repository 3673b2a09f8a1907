"""Limits of containers and services, read from the files of control groups."""

from pathlib import Path

import pytest

from app.machine import MB, cores, memory_mb


@pytest.fixture
def four_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1, 2, 3}, raising=False)


def write(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{text}\n")
    return file


@pytest.mark.parametrize(("quota", "count"), [("max 100000", 4), ("250000 100000", 2), ("50000 100000", 1)])
def test_a_container_that_may_use_few_cores_has_few(tmp_path: Path, four_cores: None, quota: str, count: int) -> None:
    write(tmp_path / "cpu.max", quota)

    assert cores(tmp_path, write(tmp_path / "own", "0::/")) == count


@pytest.mark.parametrize(
    ("file", "told", "megabytes"),
    [
        ("memory.max", f"{512 * MB}", 512),
        ("memory/memory.limit_in_bytes", f"{256 * MB}", 256),
        ("memory.max", "max", None),
    ],
)
def test_a_container_that_may_use_little_memory_has_little(
    tmp_path: Path, file: str, told: str, megabytes: int | None
) -> None:
    write(tmp_path / file, told)

    assert memory_mb(tmp_path, tmp_path / "none") == (megabytes or memory_mb(tmp_path / "nowhere"))


@pytest.mark.parametrize("limited", ["system.slice", "system.slice/playground.service"])
def test_a_service_has_the_least_of_what_it_and_those_around_it_have(
    tmp_path: Path, four_cores: None, limited: str
) -> None:
    own = write(tmp_path / "own", "0::/system.slice/playground.service")
    write(tmp_path / "system.slice" / "playground.service" / "memory.max", "max")
    for group, mb, count in [("system.slice", 800, 3), (limited, 600, 2)]:
        write(tmp_path / group / "memory.max", f"{mb * MB}")
        write(tmp_path / group / "cpu.max", f"{count}00000 100000")

    assert (memory_mb(tmp_path, own), cores(tmp_path, own)) == (600, 2)


def test_in_version_1_the_group_of_the_memory_counts(tmp_path: Path) -> None:
    own = write(tmp_path / "own", "9:cpu,cpuacct:/other\n5:memory:/a/b\n1:name=systemd:/c")
    write(tmp_path / "memory" / "a" / "b" / "memory.limit_in_bytes", f"{300 * MB}")
    write(tmp_path / "memory" / "memory.limit_in_bytes", "9223372036854771712")

    assert memory_mb(tmp_path, own) == 300


def test_a_container_that_sees_its_own_group_as_the_outermost_has_its_limit(tmp_path: Path) -> None:
    own = write(tmp_path / "own", "0::/docker/0123456789/../../elsewhere")
    write(tmp_path / "memory.max", f"{400 * MB}")

    assert memory_mb(tmp_path, own) == 400
