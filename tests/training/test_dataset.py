"""IDX files, those on board and other people's, and batches of what is in them."""

import gzip
import hashlib
import mmap
import multiprocessing
from itertools import islice
from multiprocessing.synchronize import Barrier
from pathlib import Path

import numpy as np
import pytest

from app.settings import Settings
from app.training.dataset import Dataset, batches, open_dataset, prepare
from tests.training.idx import TEST_IMAGES, TEST_LABELS, TRAIN_IMAGES, TRAIN_LABELS, write_idx
from tests.waiting import TIMEOUT_S

SHIPPED = {
    TRAIN_IMAGES: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    TRAIN_LABELS: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    TEST_IMAGES: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    TEST_LABELS: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}


@pytest.mark.parametrize("name", SHIPPED)
def test_the_digits_on_board_are_the_published_ones(name: str) -> None:
    content = gzip.decompress((Settings.model_fields["data_dir"].default / f"{name}.gz").read_bytes())

    assert hashlib.sha256(content).hexdigest() == SHIPPED[name]


def test_there_are_60000_digits_to_train_on_and_10000_to_test_with(digits: Dataset) -> None:
    files = digits[:4]

    assert [array.shape for array in files] == [(60_000, 784), (60_000,), (10_000, 784), (10_000,)]
    assert {array.dtype for array in files} == {np.dtype(np.uint8)}
    assert digits.train_labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert digits.test_labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]


def test_an_image_is_its_rows_one_after_another_with_ink_high(digits: Dataset) -> None:
    one = digits.test_images[2].reshape(28, 28)

    assert one[:, 10:20].sum() > 0.99 * one.sum(), "a 1 is a stroke in the middle"
    assert (one.max(axis=1)[5:23] > 200).all(), "from high up to far down"
    assert one[0].max() == one[-1].max() == 0, "on paper"


def test_the_live_pixels_are_those_with_ink_in_any_training_image(digits: Dataset) -> None:
    count = len(digits.live_pixels)
    dead = np.setdiff1d(np.arange(784), digits.live_pixels)

    assert count == 717
    assert digits.train_images[:, digits.live_pixels].max(axis=0).min() > 0
    assert digits.train_images[:, dead].max() == 0
    assert np.array_equal(digits.live_images[:, :count], digits.train_images[:, digits.live_pixels])
    assert (digits.live_images[:, count] == 255).all(), "then one full of ink"
    assert digits.live_images.shape == (60_000, 720)
    assert not digits.live_images[:, count + 1 :].any(), "then paper"


def test_files_may_be_gzipped_or_not(source: Path, cache: Path) -> None:
    plain = open_dataset(prepare(source, cache / "plain"))
    for name in (TRAIN_IMAGES, TEST_LABELS):
        content = (source / name).read_bytes()
        (source / f"{name}.gz").write_bytes(gzip.compress(content))
        (source / name).unlink()
    mixed = open_dataset(prepare(source, cache / "mixed"))

    assert [array.shape for array in plain[:4]] == [(30, 784), (30,), (20, 784), (20,)]
    assert plain.test_images.tobytes() == (source / TEST_IMAGES).read_bytes()[16:]
    assert all(np.array_equal(a, b) for a, b in zip(plain, mixed, strict=True))


def test_whether_a_file_is_gzipped_its_content_says(source: Path, cache: Path) -> None:
    """A browser may unzip what it saves, and a person rename it."""
    plain = open_dataset(prepare(source, cache))
    (source / TRAIN_IMAGES).write_bytes(gzip.compress((source / TRAIN_IMAGES).read_bytes()))
    (source / TEST_LABELS).rename(source / f"{TEST_LABELS}.gz")

    renamed = open_dataset(prepare(source, cache))

    assert all(np.array_equal(a, b) for a, b in zip(plain, renamed, strict=True))


def test_any_folder_of_digits_can_take_their_place(source: Path, cache: Path) -> None:
    prepared = prepare(write_idx(source, train=123, test=45), cache)

    assert [len(array) for array in open_dataset(prepared)[:4]] == [123, 123, 45, 45]


def test_a_changed_file_is_never_taken_for_the_old_one(source: Path, cache: Path) -> None:
    before = prepare(source, cache)
    labels = source / TEST_LABELS
    labels.write_bytes(labels.read_bytes()[:-1] + bytes([3]))
    after = prepare(source, cache)

    assert after != before
    assert (open_dataset(before).test_labels[-1], open_dataset(after).test_labels[-1]) == (9, 3)


def test_what_is_prepared_is_not_written_again(source: Path, cache: Path) -> None:
    prepared = prepare(source, cache)
    before = {file: (file.stat().st_ino, file.stat().st_mtime_ns) for file in cache.rglob("*")}

    assert prepare(source, cache) == prepared
    assert {file: (file.stat().st_ino, file.stat().st_mtime_ns) for file in cache.rglob("*")} == before


@pytest.mark.parametrize("name", ["train_images", "live_images"])
@pytest.mark.parametrize("left", [0, 50, 1000])
def test_a_prepared_file_that_a_crash_cut_short_is_written_again(
    source: Path, cache: Path, name: str, left: int
) -> None:
    file = prepare(source, cache) / f"{name}.npy"
    file.write_bytes(file.read_bytes()[:left])

    assert len(getattr(open_dataset(prepare(source, cache)), name)) == 30


def test_the_pixels_are_mapped_from_the_file_and_cannot_be_written(digits: Dataset) -> None:
    for array in digits:
        memory: object = array
        while isinstance(memory, np.ndarray):
            memory = memory.base
        assert isinstance(memory, mmap.mmap)
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def prepare_again_and_again(source: Path, cache: Path, times: int, together: Barrier) -> None:
    try:
        for turn in range(times):
            together.wait(timeout=TIMEOUT_S)
            assert len(open_dataset(prepare(source, cache / str(turn))).train_images) == 30
    except BaseException:
        together.abort()
        raise


@pytest.mark.slow
def test_processes_that_prepare_at_the_same_time_all_get_their_digits(source: Path, cache: Path) -> None:
    context = multiprocessing.get_context("spawn")
    together = context.Barrier(3)
    arguments = (source, cache, 60, together)
    processes = [context.Process(target=prepare_again_and_again, args=arguments) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()

    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert {len(list(turn.iterdir())) for turn in cache.iterdir()} == {1}, "and no scratch is left"


def test_an_epoch_is_every_digit_once_but_for_the_rest() -> None:
    epoch = list(batches(np.zeros(1000, np.uint8), 64, np.random.default_rng(1)))

    assert [rows.shape for rows in epoch] == [(64,)] * 15
    seen = np.concatenate(epoch)
    assert len(set(seen.tolist())) == 960
    assert set(seen.tolist()) <= set(range(1000))


@pytest.mark.parametrize("size", [1, 500, 1000])
def test_a_batch_size_that_divides_leaves_no_one_out(size: int) -> None:
    epoch = list(batches(np.zeros(1000, np.uint8), size, np.random.default_rng(1)))

    assert sorted(np.concatenate(epoch).tolist()) == list(range(1000))


def test_each_epoch_has_a_new_order_and_leaves_others_out() -> None:
    rng, labels = np.random.default_rng(1), np.zeros(1000, np.uint8)
    first, second = (np.concatenate(list(batches(labels, 64, rng))).tolist() for _ in range(2))

    assert first != second
    assert set(first) != set(second)


def test_the_seed_makes_the_order() -> None:
    def start_of_epoch(seed: int) -> list[list[int]]:
        return [rows.tolist() for rows in islice(batches(np.zeros(1000, np.uint8), 64, np.random.default_rng(seed)), 3)]

    assert start_of_epoch(7) == start_of_epoch(7)
    assert start_of_epoch(7) != start_of_epoch(8)
