"""The history: append-only columns, read piece by piece from any cursor without a gap or a double."""

import numpy as np
import pytest

from app.events import PUSH_BINS, Evaluation, Frame, Push
from app.runs.history import COLUMNS, MAX_ROWS, Cursor, History, Kind

STEPS, EVALUATIONS, PUSHES = (40_000, 3), (30, 0), (2_000, 0)
MOST_STEPS, MOST_PUSHES = MAX_ROWS[Kind.METRICS], MAX_ROWS[Kind.PUSH]


def frame(lane: int, first_step: int, count: int) -> Frame:
    """Every number shows where it belongs: step + lane / 4, in three sizes."""
    steps = np.arange(first_step, first_step + count, dtype=np.float32) + np.float32(lane / 4)
    return Frame(lane, first_step, steps, steps / 65536, steps / 256)


def evaluation(lane: int, step: int) -> Evaluation:
    told = (step, step / 16, step / 32, step / 64, step / 128, step / 256)
    return Evaluation(lane, *told, answers=np.zeros(5, np.uint8), confidence=np.ones(5, np.float32), wall="709")


def push(lane: int, number: int) -> Push:
    """In every column the number and, behind the point, the column."""
    return Push(lane, number, number + np.arange(1, 61, dtype=np.float32).reshape(PUSH_BINS, 3) / 64)


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
    for number in range(PUSHES[0]):
        history.add_push(push(0, number))
    return history


def test_an_empty_history_has_nothing_to_read() -> None:
    history = History(3)

    assert history.start() == history.end() == Cursor(*[(0, 0, 0)] * 3)
    assert history.read(history.start(), history.end()) == ([], history.start())


def test_end_counts_the_rows_of_each_lane(history: History) -> None:
    assert history.end() == Cursor(STEPS, EVALUATIONS, PUSHES)
    assert [history.steps(lane) for lane in range(2)] == list(STEPS)


@pytest.mark.parametrize(
    "cursor",
    [
        Cursor((0, 0), (0, 0), (0, 0)),
        Cursor((1, 3), (30, 0), (PUSHES[0] - MOST_PUSHES - 1, 0)),
        Cursor((MOST_STEPS, 2), (29, 0), (1, 0)),
        Cursor((STEPS[0] - MOST_STEPS, 0), (0, 0), PUSHES),
        Cursor((STEPS[0] - MOST_STEPS - 1, 1), (1, 0), (MOST_PUSHES, 0)),
        Cursor((39_999, 0), (30, 0), (1_999, 0)),
        Cursor(STEPS, EVALUATIONS, PUSHES),
    ],
    ids=str,
)
def test_reading_on_from_a_cursor_has_no_gap_and_no_double(history: History, cursor: Cursor) -> None:
    read: dict[Kind, list[list[np.ndarray]]] = {kind: [[], []] for kind in Kind}
    here, end = cursor, history.end()
    while here != end:
        blocks, after = history.read(here, end)
        assert blocks
        for block in blocks:
            assert 0 < block.columns.shape[1] <= MAX_ROWS[block.kind]
            assert block.first == here[block.kind - 1][block.lane], "a block starts where the reader is"
            read[block.kind][block.lane].append(block.columns)
        here = after

    for lane, pieces in enumerate(read[Kind.METRICS]):
        expected = frame(lane, cursor.steps[lane] + 1, STEPS[lane] - cursor.steps[lane])
        loss, accuracy, seconds = np.concatenate([np.empty((3, 0), np.float32), *pieces], axis=1)
        assert np.array_equal(loss, expected.loss)
        assert np.array_equal(accuracy, expected.accuracy)
        assert np.array_equal(seconds, expected.seconds)
    steps = np.concatenate([np.empty((107, 0), np.float32), *read[Kind.EVALUATIONS][0]], axis=1)[0]
    assert steps.tolist() == list(range(cursor.evaluations[0], EVALUATIONS[0]))
    pushes = np.concatenate([np.empty((75, 0), np.float32), *read[Kind.PUSH][0]], axis=1)
    expected_pushes = np.arange(cursor.pushes[0], PUSHES[0]) + np.arange(61)[:, None] / 64
    assert np.array_equal(pushes[:61], expected_pushes)
    assert not read[Kind.EVALUATIONS][1] + read[Kind.PUSH][1]


def test_reading_ends_at_the_requested_end(history: History) -> None:
    blocks, after = history.read(Cursor((5, 1), (0, 0), (7, 0)), Cursor((9, 1), (2, 0), (8, 0)))

    assert after == Cursor((9, 1), (2, 0), (8, 0))
    assert [(block.kind, block.lane, block.first, block.columns.shape) for block in blocks] == [
        (Kind.METRICS, 0, 5, (3, 4)),
        (Kind.EVALUATIONS, 0, 0, (107, 2)),
        (Kind.PUSH, 0, 7, (75, 1)),
    ]


def test_an_evaluation_is_a_row_of_what_was_measured_and_of_the_answers_on_the_wall(history: History) -> None:
    blocks, _ = history.read(Cursor(STEPS, (16, 0), PUSHES), Cursor(STEPS, (17, 0), PUSHES))

    row = blocks[0].columns[:, 0]
    assert row[:7].tolist() == [16, 1, 0.5, 0.25, 0.125, 0.0625, 0]
    assert row[7:10].tolist() == [7, 0, 9]
    assert np.isnan(row[10:]).all(), "a small data set has no more"
    assert blocks[0].columns.dtype == np.float32


def test_what_has_been_read_never_changes() -> None:
    history = History(1)
    read: list[tuple[np.ndarray, bytes]] = []
    for step in range(1, 3000, 7):
        before = history.end()
        history.add_frame(frame(0, step, 7))
        history.add_evaluation(evaluation(0, step))
        history.add_push(push(0, step))
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


def test_a_half_decade_without_weights_is_kept_as_no_number() -> None:
    history, told = History(1), push(0, 600)
    told.quartiles[3] = np.nan
    told = told._replace(slope=0.5, decades=3, examples=np.arange(12, dtype=np.float32).reshape(4, 3))
    history.add_push(told)
    (block,), _ = history.read(history.start(), history.end())
    row = dict(zip(COLUMNS[Kind.PUSH], block.columns[:, 0].tolist(), strict=True))

    assert {name for name, number in row.items() if np.isnan(number)} == {"q25_3", "q50_3", "q75_3"}
    assert (row["step"], row["q25_0"], row["q75_19"]) == (600, 600 + 1 / 64, 600 + 60 / 64)
    assert (row["slope"], row["decades"]) == (0.5, 3)
    assert [row[f"{name}_3"] for name in ("weight", "gradient", "change")] == [9, 10, 11]


def test_examples_that_are_not_there_are_no_numbers() -> None:
    history = History(1)
    history.add_push(push(0, 600)._replace(examples=np.ones((3, 3), np.float32)))
    (block,), _ = history.read(history.start(), history.end())
    row = dict(zip(COLUMNS[Kind.PUSH], block.columns[:, 0].tolist(), strict=True))

    assert {name for name, number in row.items() if np.isnan(number)} == {"slope", "weight_3", "gradient_3", "change_3"}
