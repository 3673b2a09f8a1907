"""The history: append-only columns, read piece by piece from any cursor without a gap or a double."""

import numpy as np
import pytest

from app.events import Evaluation, Frame
from app.runs.history import MAX_ROWS, Cursor, History, Kind

STEPS, EVALUATIONS = (40_000, 3), (30, 0)


def frame(lane: int, first_step: int, count: int) -> Frame:
    """Every number tells where it belongs: step + lane / 4, in three sizes."""
    steps = np.arange(first_step, first_step + count, dtype=np.float32) + np.float32(lane / 4)
    return Frame(lane, first_step, steps, steps / 65536, steps / 256)


def evaluation(lane: int, step: int) -> Evaluation:
    told = (step, step / 16, step / 32, step / 64, step / 128, step / 256)
    return Evaluation(lane, *told, answers=np.zeros(5, np.uint8), confidence=np.ones(5, np.float32))


@pytest.fixture(scope="module")
def history() -> History:
    """One lane far ahead of the other, its frames of all sizes."""
    history = History(2)
    step, sizes = 1, np.random.default_rng(1)
    while step <= STEPS[0]:
        count = min(int(sizes.integers(1, 500)), STEPS[0] + 1 - step)
        history.add_frame(frame(0, step, count))
        step += count
    history.add_frame(frame(1, 1, STEPS[1]))
    for number in range(EVALUATIONS[0]):
        history.add_evaluation(evaluation(0, number))
    return history


def test_an_empty_history_has_nothing_to_read() -> None:
    history = History(3)

    assert history.start() == history.end() == Cursor((0, 0, 0), (0, 0, 0))
    assert history.read(history.start(), history.end()) == ([], history.start())


def test_end_counts_the_rows_of_each_lane(history: History) -> None:
    assert history.end() == Cursor(STEPS, EVALUATIONS)
    assert [history.steps(lane) for lane in range(2)] == list(STEPS)


@pytest.mark.parametrize(
    "cursor",
    [
        Cursor((0, 0), (0, 0)),
        Cursor((1, 3), (30, 0)),
        Cursor((MAX_ROWS, 2), (29, 0)),
        Cursor((STEPS[0] - MAX_ROWS, 0), (0, 0)),
        Cursor((STEPS[0] - MAX_ROWS - 1, 1), (1, 0)),
        Cursor((39_999, 0), (30, 0)),
        Cursor(STEPS, EVALUATIONS),
    ],
    ids=str,
)
def test_reading_on_from_a_cursor_has_no_gap_and_no_double(history: History, cursor: Cursor) -> None:
    metrics: list[list[np.ndarray]] = [[], []]
    evaluated: list[np.ndarray] = []
    here, end = cursor, history.end()
    while here != end:
        blocks, after = history.read(here, end)
        assert blocks
        for block in blocks:
            assert 0 < block.columns.shape[1] <= MAX_ROWS
            assert block.first == here[block.kind - 1][block.lane], "a block starts where the reader is"
            (metrics[block.lane] if block.kind is Kind.METRICS else evaluated).append(block.columns)
        here = after

    for lane, pieces in enumerate(metrics):
        expected = frame(lane, cursor.steps[lane] + 1, STEPS[lane] - cursor.steps[lane])
        loss, accuracy, seconds = np.concatenate([np.empty((3, 0), np.float32), *pieces], axis=1)
        assert np.array_equal(loss, expected.loss)
        assert np.array_equal(accuracy, expected.accuracy)
        assert np.array_equal(seconds, expected.seconds)
    steps = np.concatenate([np.empty((6, 0), np.float32), *evaluated], axis=1)[0]
    assert steps.tolist() == list(range(cursor.evaluations[0], EVALUATIONS[0]))


def test_reading_ends_at_the_end_that_was_asked_for(history: History) -> None:
    blocks, after = history.read(Cursor((5, 1), (0, 0)), Cursor((9, 1), (2, 0)))

    assert after == Cursor((9, 1), (2, 0))
    assert [(block.kind, block.lane, block.first, block.columns.shape) for block in blocks] == [
        (Kind.METRICS, 0, 5, (3, 4)),
        (Kind.EVALUATIONS, 0, 0, (6, 2)),
    ]


def test_an_evaluation_is_a_row_of_six_numbers(history: History) -> None:
    blocks, _ = history.read(Cursor(STEPS, (16, 0)), Cursor(STEPS, (17, 0)))

    assert blocks[0].columns[:, 0].tolist() == [16, 1, 0.5, 0.25, 0.125, 0.0625]
    assert blocks[0].columns.dtype == np.float32


def test_what_has_been_read_never_changes() -> None:
    history = History(1)
    read: list[tuple[np.ndarray, bytes]] = []
    for step in range(1, 3000, 7):
        before = history.end()
        history.add_frame(frame(0, step, 7))
        history.add_evaluation(evaluation(0, step))
        for cursor in (before, history.start()):
            for block in history.read(cursor, history.end())[0]:
                read.append((block.columns, block.columns.tobytes()))

    assert all(columns.tobytes() == content for columns, content in read)


def test_a_frame_may_be_changed_after_it_was_added() -> None:
    history, told = History(1), frame(0, 1, 4)
    history.add_frame(told)
    told.loss[:] = 0

    assert history.read(history.start(), history.end())[0][0].columns[0].tolist() == [1, 2, 3, 4]


def test_losses_that_are_no_numbers_are_kept_as_they_are() -> None:
    history = History(1)
    history.add_evaluation(evaluation(0, 1)._replace(test_loss=float("nan"), train_loss=float("inf")))
    row = history.read(history.start(), history.end())[0][0].columns[:, 0]

    assert np.isnan(row[3])
    assert np.isposinf(row[5])
