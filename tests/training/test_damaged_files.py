"""Data files that are missing, damaged or of another kind are refused, by name and with what is wrong."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from app.training.dataset import FILES, DatasetError, prepare
from tests.training.idx import TEST_IMAGES, TEST_LABELS, TRAIN_IMAGES, TRAIN_LABELS, header

# What is done to which file, and what is then said about it.
DAMAGES: dict[str, tuple[str, Callable[[bytes], bytes], str]] = {
    "a byte short": (
        TRAIN_IMAGES,
        lambda b: b[:-1],
        "truncated: the header promises 23,520 bytes of data, found 23,519",
    ),
    "no data": (TEST_LABELS, lambda b: b[:8], "truncated: the header promises 20 bytes of data, found 0"),
    "half a header": (TEST_IMAGES, lambda b: b[:10], "truncated: the header has 10 of its 16 bytes"),
    "a byte too many": (TEST_LABELS, lambda b: b + b"\0", "too long: the header promises 20 bytes of data, found 21"),
    "an empty file": (TRAIN_LABELS, lambda b: b"", "expected an IDX file of labels (magic 0x00000801), found nothing"),
    "two bytes": (TRAIN_LABELS, lambda b: b[:2], "expected an IDX file of labels (magic 0x00000801), found nothing"),
    "another format": (TEST_IMAGES, lambda b: b"<!doctype html>" + b, "(magic 0x00000803), found 0x3c21646f"),
    "labels for images": (TEST_IMAGES, lambda b: header(0x801, 20) + bytes(20), "(magic 0x00000803), found 0x00000801"),
    "images for labels": (TRAIN_LABELS, lambda b: header(0x803, 1, 28, 28) + bytes(784), "found 0x00000803"),
    "smaller images": (TRAIN_IMAGES, lambda b: header(0x803, 30, 14, 56) + b[16:], "28×28 pixels, found 14×56"),
    "a label of ten": (TEST_LABELS, lambda b: b[:-1] + bytes([10]), "expected labels from 0 to 9, found 10"),
    "no images at all": (TRAIN_IMAGES, lambda b: header(0x803, 0, 28, 28), "holds nothing"),
    "no labels at all": (TEST_LABELS, lambda b: header(0x801, 0), "holds nothing"),
    "a label missing": (TRAIN_LABELS, lambda b: header(0x801, 29) + b[8:-1], "holds 29 labels; they must be as many"),
}


@pytest.mark.parametrize("name", FILES.values())
def test_a_missing_file_is_named(source: Path, cache: Path, name: str) -> None:
    (source / name).unlink()

    with pytest.raises(DatasetError) as refusal:
        prepare(source, cache)

    assert str(refusal.value) == f"{source / name}: no such file, gzipped (.gz) or not"


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_named_with_what_is_wrong(source: Path, cache: Path, damage: str) -> None:
    name, change, expected = DAMAGES[damage]
    (source / name).write_bytes(change((source / name).read_bytes()))

    with pytest.raises(DatasetError) as refusal:
        prepare(source, cache)

    assert str(source / name) in str(refusal.value)
    assert expected in str(refusal.value)
    assert not cache.exists(), "nothing is kept of what was refused"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda z: z[:-100], id="truncated"),
        pytest.param(lambda z: z[:5], id="in its header"),
        pytest.param(lambda z: z[:200] + bytes([z[200] ^ 255]) + z[201:], id="one byte flipped"),
        pytest.param(lambda z: z[:-8] + bytes(4) + z[-4:], id="wrong checksum"),
        pytest.param(lambda z: gzip.decompress(z), id="not gzipped"),
    ],
)
def test_a_damaged_gz_file_is_named(source: Path, cache: Path, change: Callable[[bytes], bytes]) -> None:
    zipped = source / f"{TRAIN_IMAGES}.gz"
    zipped.write_bytes(change(gzip.compress((source / TRAIN_IMAGES).read_bytes())))

    with pytest.raises(DatasetError) as refusal:
        prepare(source, cache)

    assert str(refusal.value).startswith(f"{zipped}: damaged, cannot be unzipped: ")


@pytest.mark.parametrize("name", ["nosuchfolder", "x" * 300])
def test_a_folder_that_cannot_be_looked_into_is_refused(tmp_path: Path, cache: Path, name: str) -> None:
    with pytest.raises(DatasetError, match=name[:40]):
        prepare(tmp_path / name, cache)


@pytest.mark.parametrize("inside", ["", "deeper"])
def test_a_cache_that_cannot_be_written_is_refused(source: Path, tmp_path: Path, inside: str) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(DatasetError, match="the unzipped digits cannot be kept there") as refusal:
        prepare(source, tmp_path / "file" / inside)

    assert str(tmp_path / "file" / inside) in str(refusal.value)
