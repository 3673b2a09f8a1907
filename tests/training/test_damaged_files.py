"""Data files that are missing, damaged or of another kind are refused, by name and with what is wrong."""

import gzip
import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from app.training.dataset import open_dataset, prepare
from app.training.idx import FILES, DatasetError
from tests.training.idx import TEST_IMAGES, TEST_LABELS, TRAIN_IMAGES, TRAIN_LABELS, header

# What is done to which file, and what is then said about it.
DAMAGES: dict[str, tuple[str, Callable[[bytes], bytes], str]] = {
    "a byte short": (
        TRAIN_IMAGES,
        lambda b: b[:-1],
        "truncated: the header promises 23,520 bytes of data, found 23,519",
    ),
    "no data": (TEST_LABELS, lambda b: b[:8], "truncated: the header promises 20 bytes of data, found 0"),
    "half a header": (TEST_IMAGES, lambda b: b[:10], "truncated: the header has 10 of its 16 bytes. Fetch it again."),
    "a byte too many": (TEST_LABELS, lambda b: b + b"\0", "too long: the header promises 20 bytes of data, found 21"),
    "an empty file": (TRAIN_LABELS, lambda b: b"", "expected an IDX file of labels (magic 0x00000801), found nothing."),
    "two bytes": (
        TRAIN_LABELS,
        lambda b: b[:2],
        "expected an IDX file of labels (magic 0x00000801), found nothing but 2 bytes.",
    ),
    "another format": (
        TEST_IMAGES,
        lambda b: b"<!doctype html>" + b,
        "(magic 0x00000803), found 0x3c21646f, a web page: fetch",
    ),
    "a ZIP archive": (TEST_IMAGES, lambda b: b"PK\3\4" + b, "found 0x504b0304, a ZIP archive: unpack it."),
    "a pointer": (TEST_IMAGES, lambda b: b"version https://git-lfs.github.com/spec/v1", "a Git LFS pointer: fetch"),
    "zipped twice": (TEST_IMAGES, lambda b: gzip.compress(gzip.compress(b)), "gzipped twice: unzip it once."),
    "another type": (TEST_IMAGES, lambda b: header(0xD03, 20, 28, 28) + b, "found 0x00000d03."),
    "labels for images": (
        TEST_IMAGES,
        lambda b: header(0x801, 20) + bytes(20),
        "found 0x00000801, labels: are two files",
    ),
    "images for labels": (
        TRAIN_LABELS,
        lambda b: header(0x803, 1, 28, 28) + bytes(784),
        "images: are two files swapped?",
    ),
    "smaller images": (
        TRAIN_IMAGES,
        lambda b: header(0x803, 30, 14, 56) + b[16:],
        "28×28 pixels, found 14×56. Scale them to 28×28.",
    ),
    "a label of ten": (TEST_LABELS, lambda b: b[:-1] + bytes([10]), "labels from 0 to 9, found 10. Take data with ten"),
    "no images at all": (TRAIN_IMAGES, lambda b: header(0x803, 0, 28, 28), "holds nothing"),
    "no labels at all": (TEST_LABELS, lambda b: header(0x801, 0), "holds nothing"),
    "a label missing": (
        TRAIN_LABELS,
        lambda b: header(0x801, 29) + b[8:-1],
        "holds 29 labels; they must be as many. Take both",
    ),
}


@pytest.mark.parametrize("name", FILES.values())
def test_a_missing_file_is_named(source: Path, cache: Path, name: str) -> None:
    (source / name).unlink()

    with pytest.raises(DatasetError) as refusal:
        prepare(source, cache)

    assert str(refusal.value).startswith(f"{source / name}: no such file, gzipped (.gz) or not. The folder has ")
    assert str(refusal.value).endswith(f"; it needs {', '.join(FILES.values())}.")


@pytest.mark.parametrize(
    ("instead", "told"),
    [
        (["train-images.idx3-ubyte"], "Found train-images.idx3-ubyte: rename"),
        (["Train_Images.gz"], "Found Train_Images.gz: rename"),
        (
            [f"emnist-{split}-train-images-idx3-ubyte.gz" for split in ("balanced", "byclass", "digits", "letters")],
            "Found emnist-balanced-train-images-idx3-ubyte.gz, emnist-byclass-train-images-idx3-ubyte.gz, "
            "emnist-digits-train-images-idx3-ubyte.gz and 1 more: rename",
        ),
    ],
)
def test_a_file_with_another_name_is_named_in_the_error(
    source: Path, cache: Path, instead: list[str], told: str
) -> None:
    for name in instead:
        (source / name).write_bytes((source / TRAIN_IMAGES).read_bytes())
    (source / TRAIN_IMAGES).unlink()

    with pytest.raises(DatasetError) as refusal:
        prepare(source, cache)

    assert str(refusal.value) == (
        f"{source / TRAIN_IMAGES}: no such file, gzipped (.gz) or not. {told} the right one to {TRAIN_IMAGES}."
    )


def test_emnist_calls_its_test_digits_test(source: Path, cache: Path) -> None:
    (source / TEST_LABELS).rename(source / "emnist-digits-test-labels-idx1-ubyte")

    with pytest.raises(
        DatasetError, match=r"Found emnist-digits-test-labels-idx1-ubyte: rename the right one to t10k-"
    ):
        prepare(source, cache)


def test_a_folder_in_place_of_a_file_is_reported(source: Path, cache: Path) -> None:
    (source / TRAIN_LABELS).rename(source / "file")
    (source / TRAIN_LABELS).mkdir()
    (source / "file").rename(source / TRAIN_LABELS / TRAIN_LABELS)

    with pytest.raises(DatasetError, match="Found a folder of that name: put the file itself there"):
        prepare(source, cache)


def test_a_dangling_link_is_reported(source: Path, cache: Path) -> None:
    (source / TRAIN_LABELS).unlink()
    (source / TRAIN_LABELS).symlink_to("nowhere")

    with pytest.raises(DatasetError, match="Found a link of that name to a file that is not there"):
        prepare(source, cache)


def test_an_empty_folder_and_a_file_in_place_of_the_folder_are_reported(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()

    with pytest.raises(DatasetError, match=r"The folder is empty; it needs train-images-idx3-ubyte, train-labels"):
        prepare(tmp_path / "empty", cache)
    with pytest.raises(DatasetError, match=r"file is no folder\."):
        prepare(tmp_path / "file", cache)


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="Only Linux has such a file.")
def test_an_unreadable_file_is_reported(source: Path, cache: Path) -> None:
    """Not even by root, whom permissions don't keep out."""
    (source / TRAIN_LABELS).unlink()
    (source / TRAIN_LABELS).symlink_to("/proc/self/mem")

    with pytest.raises(DatasetError, match=rf"{TRAIN_LABELS}: cannot be read: Input/output error\."):
        prepare(source, cache)


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
    ],
)
def test_a_damaged_gz_file_is_named(source: Path, cache: Path, change: Callable[[bytes], bytes]) -> None:
    zipped = source / f"{TRAIN_IMAGES}.gz"
    zipped.write_bytes(change(gzip.compress((source / TRAIN_IMAGES).read_bytes())))
    (source / TRAIN_IMAGES).unlink()

    with pytest.raises(DatasetError) as refusal:
        prepare(source, cache)

    assert str(refusal.value).startswith(f"{zipped}: damaged, cannot be unzipped: ")
    assert str(refusal.value).endswith(". Fetch it again.")


def test_a_broken_gz_file_beside_a_good_plain_one_does_no_harm(source: Path, cache: Path) -> None:
    (source / f"{TRAIN_IMAGES}.gz").write_bytes(b"\x1f\x8b broken")

    assert len(open_dataset(prepare(source, cache)).train_images) == 30


ENDLESS = 64_000_000


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (1, "too long: the header promises 784 bytes of data, found at least 785. Fetch it again."),
        (100_000_000, "truncated: the header promises 78,400,000,000 bytes of data, found zipped at most "),
    ],
)
def test_no_more_is_unzipped_than_the_header_promises(source: Path, cache: Path, count: int, told: str) -> None:
    (source / TRAIN_IMAGES).write_bytes(gzip.compress(header(0x803, count, 28, 28) + bytes(ENDLESS)))
    tracemalloc.start()
    try:
        with pytest.raises(DatasetError) as refusal:
            prepare(source, cache)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert told in str(refusal.value)
    assert most < ENDLESS / 10


def test_more_images_than_memory_holds_are_refused_before_they_are_read(source: Path, cache: Path) -> None:
    """A file without blocks on the disk: reading its terabytes would take hours."""
    count = 2**31
    (source / TRAIN_IMAGES).write_bytes(header(0x803, count, 28, 28))
    os.truncate(source / TRAIN_IMAGES, 16 + count * 784)

    with pytest.raises(DatasetError) as refusal:
        prepare(source, cache)

    promised = f"{source / TRAIN_IMAGES}: the header promises 2,147,483,648 images, which take 3,367,254 MB of memory"
    assert str(refusal.value).startswith(promised)
    assert str(refusal.value).endswith(". Take a file with fewer.")


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
