"""Numbers as people type them: with a decimal comma, with thousands set apart, with digits of another width.

Which of several meanings is meant, the range of what is typed decides; where it can't, the text is refused.

`static/js/model/number-input.js` is the same in JavaScript.
"""

import math
import re
import unicodedata

# What JavaScript calls a space, and NFKC has not made one.
_SPACES = re.compile("[\t-\r \u1680\u2028\u2029\ufeff]+")
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.I | re.A)
_WITH_COMMA = re.compile(r"[+-]?(\d+|\d*,\d+)(e[+-]?\d+)?", re.I | re.A)
# A separator and three digits, once or more, always the same one; then perhaps a fraction behind the other one.
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}([ ,.'])\d{3}(\1\d{3})*((?!\1)[.,]\d+)?", re.A)

# One thousand and something: no layer begins with a zero.
_THOUSANDS = re.compile(r"\b([1-9])[ ,.'](?=0\d\d\b)", re.A)
# Beside a comma a single digit may be a fraction or thousands, and before a space thousands.
_AMBIGUOUS = re.compile(r"\b\d,\d|\d,\d\b|\b\d \d{3}\b", re.A)
_ONE_OR_SEVERAL = (
    "may be one number or several layers: write layers with a comma and a space between, as 128, 64, "
    "and one number with neither, as 1024."
)


def plainly(text: str) -> str:
    """Without what looks different and means the same."""
    same = re.sub("[\u2018\u2019\u02bc]", "'", re.sub("[\u2212\u2013]", "-", unicodedata.normalize("NFKC", text)))
    return _SPACES.sub(" ", same).strip(" ")


def readings(text: str) -> list[float]:
    """All numbers that a text can stand for: "1,5" is one, "1,000" one or a thousand, "abc" none."""
    typed = plainly(text)
    found = []
    if _PLAIN.fullmatch(typed):
        found.append(float(typed))
    elif _WITH_COMMA.fullmatch(typed):
        found.append(float(typed.replace(",", ".")))
    if grouped := _GROUPED.fullmatch(typed):
        found.append(float(typed.replace(grouped[1], "").replace(",", ".")))
    return list(dict.fromkeys(found))


def read_number(text: str, low: float = -math.inf, high: float = math.inf) -> float:
    """The number that a text stands for; of two, the one from `low` to `high`, which is not checked otherwise.

    Raises ValueError, with a sentence, where there is none, or more than one.
    """
    found = readings(text)
    fitting = [value for value in found if low <= value <= high]
    if len(fitting) > 1:
        raise ValueError(f"{text!r} can be read as {fitting[0]:g} or as {fitting[1]:g}: write the one that is meant.")
    if not found:
        raise ValueError(f"expected a number, got {text!r}.")
    return (fitting or found)[0]


def read_whole(text: str) -> int:
    """The whole number that a text stands for: 60.000 is sixty thousand. Raises ValueError, with a sentence."""
    value = next(reversed(readings(text)), None)
    if value is None or not value.is_integer() or re.search(r",\d{0,2}$|,\d{4,}", plainly(text)):
        raise ValueError(f"expected a whole number, got {text!r}.")
    return int(value)


def shares(text: str) -> list[float]:
    """All shares of one that a text can stand for: 0.97, 97, 97 %."""
    typed = plainly(text)
    percent = typed.endswith("%")
    values = readings(typed.removesuffix("%"))
    return [float(f"{value / 100:.12g}") if percent or value > 1 else value for value in values]


def read_share(text: str) -> float:
    """The share of one that a text stands for. Raises ValueError, with a sentence."""
    found = shares(text)
    if not found:
        raise ValueError(f"expected a share, as 0.95 or 95%, got {text!r}.")
    return next((value for value in found if value <= 1), found[0])


def read_widths(text: str) -> list[int]:
    """The whole numbers of a list. Raises ValueError, with a sentence, also where the list may be one number: 128,5."""
    typed = _THOUSANDS.sub(r"\1", plainly(text))
    if _AMBIGUOUS.search(typed):
        raise ValueError(f"{text!r} {_ONE_OR_SEVERAL}")
    parts = re.split(r" ?[,; ] ?", typed)
    if not all(re.fullmatch(r"[1-9]\d*", part, re.A) for part in parts):
        raise ValueError(f"expected whole numbers with commas between, as 128,64, got {text!r}.")
    return [int(part) for part in parts]


def write_widths(widths: list[int]) -> str:
    """The shortest text that is read as these widths."""
    text = ",".join(map(str, widths))
    return text.replace(",", ", ") if _AMBIGUOUS.search(text) else text
