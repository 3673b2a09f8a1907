"""What viewers send: handshakes with any cursor, and frames of every sort, in any order."""

from hypothesis import strategies as st

from tests.fuzz.exchange import exchange, status_of
from tests.fuzz.kind import Kind
from tests.fuzz.target import Target
from tests.web.raw_socket import frame, handshake

Frames = tuple[str, str, list[bytes]]


def sockets(target: Target) -> Kind:
    address = ":".join(map(str, target.host))
    frames = st.one_of(
        st.builds(
            frame,
            st.integers(0, 15),
            st.binary(max_size=140) | st.integers(0, 5000).map(lambda length: b"x" * length),
            fin=st.booleans(),
            masked=st.integers(0, 9).map(bool),
            reserved=st.sampled_from([0, 0, 0, 0, 0, 1, 4, 7]),
        ),
        st.builds(lambda code, reason: frame(8, code.to_bytes(2, "big") + reason), st.integers(0, 65_535), st.binary()),
        st.integers(1, 900).map(lambda times: frame(1, fin=False) + frame(0, fin=False) * times),
        st.binary(max_size=40),
    )
    cursors = st.sampled_from(
        ["", "0,0,0", "-1", "1,2", "9,9,9", "7,7,7", "0,0,0,0", "999999999999999999999"]
    ) | st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20)
    streams = st.sampled_from([f"/api/runs/{target.run_id}/stream", f"/api/sweeps/{target.sweep_id}/stream"])
    inputs = st.tuples(
        streams,
        st.builds(lambda *of: "&".join(map("=".join, zip(KINDS, of, strict=True))), cursors, cursors, cursors, cursors),
        st.lists(frames, max_size=6),
    )

    def send(given_input: Frames) -> list[int]:
        stream, query, sent = given_input
        query = query.replace(" ", "+").replace("#", "%23")
        opening = handshake(address, f"{stream}?{query}")
        return status_of(exchange(target.host, opening, b"".join(sent)))

    return Kind("frames to a stream", inputs, send)


KINDS = ("steps", "evaluations", "pushes", "cursor")
