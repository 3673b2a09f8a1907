"""The bytes and words of a viewer's socket, literally: tests/js reads the same fixture."""

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.client import stream as client_stream
from app.runs.history import COLUMNS, Kind
from app.web.live import stream
from app.web.protocol import (
    BEAT,
    encode_block,
    encode_close,
    encode_error,
    encode_json,
    encode_run,
    error,
    frame,
)

FIXTURE = json.loads((Path(__file__).parents[2] / "fixtures" / "protocol.json").read_text(encoding="utf-8"))
BINARY = [pytest.param(case, id=case["name"]) for case in FIXTURE["binary"]]
TEXT = {case["name"]: case for case in FIXTURE["text"]}


def columns(block: dict[str, Any]) -> np.ndarray:
    """As the history gives them; JSON has no NaN and no infinity, so these are words in the fixture."""
    return np.array([[float(number) for number in column] for column in block["columns"]], np.float32)


@pytest.mark.parametrize("case", BINARY)
def test_blocks_become_exactly_these_bytes(case: dict[str, Any]) -> None:
    message = b"".join(
        encode_block(block["kind"], block["lane"], block["first"], columns(block)) for block in case["blocks"]
    )

    assert message.hex() == case["hex"]


@pytest.mark.parametrize("case", BINARY)
def test_these_bytes_read_as_the_document_says_are_the_blocks(case: dict[str, Any]) -> None:
    message, offset = bytes.fromhex(case["hex"]), 0
    for block in case["blocks"]:
        assert offset % 4 == 0, "so that a Float32Array can look at it in place"
        version, kind, lane, width = message[offset : offset + 4]
        first, rows = struct.unpack_from("<II", message, offset + 4)
        numbers = struct.unpack_from(f"<{width * rows}f", message, offset + 12)

        assert (version, kind, lane, first) == (1, block["kind"], block["lane"], block["first"])
        assert width == len(COLUMNS[Kind(kind)])
        np.testing.assert_array_equal(np.array(numbers, np.float32).reshape(width, rows), columns(block))
        offset += 12 + 4 * width * rows
    assert offset == len(message)


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in FIXTURE["frames"]])
def test_messages_become_exactly_these_frames(case: dict[str, Any]) -> None:
    made = b""
    for message in case["messages"]:
        if "code" in message:
            made += encode_close(message["code"])
        else:
            made += frame(message.get("text") or bytes.fromhex(message["hex"]))

    assert made.hex() == case["hex"]


def test_every_kind_of_block_is_in_the_fixture() -> None:
    assert {block["kind"] for case in FIXTURE["binary"] for block in case["blocks"]} == {1, 2, 3}


def test_a_piece_of_a_larger_table_is_encoded_column_by_column() -> None:
    """History gives views into columns with space behind them."""
    table = np.arange(30, dtype=np.float32).reshape(3, 10)
    piece = encode_block(1, 0, 4, table[:, 4:6])

    assert piece[12:] == struct.pack("<6f", 4, 5, 14, 15, 24, 25)


def test_numbers_are_little_endian_whatever_the_machine_has() -> None:
    big = np.array([[1.0], [2.0], [3.0]], ">f4")

    assert encode_block(1, 0, 0, big)[12:] == struct.pack("<3f", 1, 2, 3)


def test_texts_are_exactly_these_words() -> None:
    assert frame(TEXT["beat"]["text"]) == BEAT
    assert encode_run(TEXT["run"]["message"]["run"]) == TEXT["run"]["text"]
    assert encode_error(**TEXT["error"]["message"]["error"]) == TEXT["error"]["text"]


@pytest.mark.parametrize("name", TEXT)
def test_these_words_are_the_messages(name: str) -> None:
    assert json.loads(TEXT[name]["text"]) == TEXT[name]["message"]


def test_every_error_has_one_shape() -> None:
    assert error("not_found", "No.") == {"error": {"code": "not_found", "message": "No."}}


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_what_json_has_no_word_for_is_never_sent(number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        encode_json({"loss": [number]})


def test_half_a_character_can_be_sent() -> None:
    text = encode_json({"message": "\ud800 ü"})

    assert text == '{"message":"\\ud800 \\u00fc"}'
    assert text.encode() == text.encode("ascii")


@pytest.mark.parametrize("side", [stream, client_stream])
def test_both_sides_know_the_same_close_codes(side: Any) -> None:
    known = {name: getattr(side, name.upper()) for name in FIXTURE["close_codes"]}

    assert known == FIXTURE["close_codes"]
