"""Values in Thrift's compact protocol, which Parquet describes itself in: https://thrift.apache.org, compact protocol.

A value is its type and its bytes. Only what is written here: no reading, and no types that are not needed.
"""

from collections.abc import Mapping, Sequence

Value = tuple[int, bytes]

_I32, _I64, _BINARY, _LIST, _STRUCT = 5, 6, 8, 9, 12
# Longer lists have their length behind the head.
_LONG = 15


def i32(number: int) -> Value:
    return _I32, _zigzag(number)


def i64(number: int) -> Value:
    return _I64, _zigzag(number)


def text(value: str) -> Value:
    data = value.encode()
    return _BINARY, _varint(len(data)) + data


def listed(values: Sequence[Value]) -> Value:
    """All of the same type; at least one."""
    kind, size = values[0][0], len(values)
    head = bytes([size << 4 | kind]) if size < _LONG else bytes([_LONG << 4 | kind]) + _varint(size)
    return _LIST, head + b"".join(data for _, data in values)


def struct(fields: Mapping[int, Value]) -> Value:
    """Fields by their ids, which ascend, each at most 15 above the one before."""
    parts, before = [], 0
    for number, (kind, data) in fields.items():
        parts.append(bytes([number - before << 4 | kind]) + data)
        before = number
    return _STRUCT, b"".join([*parts, b"\0"])


def _zigzag(number: int) -> bytes:
    return _varint(number << 1 if number >= 0 else ~(number << 1))


def _varint(number: int) -> bytes:
    groups = bytearray()
    while number > 0x7F:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    groups.append(number)
    return bytes(groups)
