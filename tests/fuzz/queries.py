"""Queries of links: of the names that the page and the server know, of others, and with any values."""

import json
from pathlib import Path
from urllib.parse import quote

from hypothesis import strategies as st

from app.choices import LANE_SETTINGS, SETTINGS, VIEW, Choice
from app.config import LANES

TYPED = json.loads((Path(__file__).parents[1] / "fixtures" / "typed-numbers.json").read_text("utf-8"))
LANE_NAMES = [
    f"{optimizer}{number}.{name}"
    for optimizer, lane in LANES.items()
    for number in ("", "2", "6", "\u0663")
    for name in [*LANE_SETTINGS, *lane().hyperparameters()]
]
# Of others, who append them to links or write them from memory.
FOREIGN = [
    "utm_source", "utm.medium", "fbclid", "gclid", "ref", "s", "_ga", "lr", "batch", "opt", "Epochs", "__proto__",
    "constructor",
]  # fmt: skip
JUNK = [
    "", "0", "-1", "1e999", "NaN", "-0", "0x10", "1.", "null", "true", "[]", "{}", "%", "1 000,5", "128,50", "1\ufeff",
    "1\x1f0", "\u0664", "none", "shared", "full", "story", "sgd,sgd", "a,,b",
]  # fmt: skip


def _own(row: Choice) -> list[str]:
    """Values of a row, and those beside its ends."""
    texts = [*(row.options or ()), *map(str, row.presets)]
    low, high = row.range or (0, 1)
    return texts + [f"{value:.12g}" for value in (low, high, (low + high) / 2, low - 1, high + 1, low / 2, high * 2)]


VALUES = sorted(
    {
        *JUNK,
        *LANES,
        ",".join(LANES),
        *(text for row in [*SETTINGS.values(), *LANE_SETTINGS.values(), *VIEW.values()] for text in _own(row)),
        *(text for kind in TYPED.values() for text, _ in kind),
    }
)
SOME = st.text(max_size=20)


def _encoded(text: str) -> str:
    return quote(text.encode(errors="replace"), safe="")


def queries(*names: str) -> st.SearchStrategy[str]:
    """Of these names, too."""
    # Half of all names are settings, so that most queries set something.
    name = st.sampled_from([*SETTINGS, *VIEW]) | st.sampled_from([*LANE_NAMES, *FOREIGN, *names]) | SOME
    value = st.sampled_from(VALUES) | st.lists(st.sampled_from([*LANES, "SGD", "x"]), max_size=7).map(",".join) | SOME
    value |= st.lists(st.integers(0, 1100).map(str), max_size=4).map(", ".join) | st.floats(0, 100).map(str)
    pair = st.builds(lambda name, value: f"{_encoded(name)}={_encoded(value)}", name, value)
    # What another program has written, or an editor has cut off.
    raw = st.text(st.characters(min_codepoint=36, max_codepoint=126), max_size=20)
    return st.lists(pair | raw, max_size=6).map("&".join)
