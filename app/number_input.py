"""Numbers as people type them: with a decimal comma, with thousands set apart, with digits of another width.

`static/js/model/number-input.js` is the same in JavaScript.
"""

import re
import unicodedata

_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.I | re.A)
_WITH_COMMA = re.compile(r"[+-]?(\d+|\d*,\d+)(e[+-]?\d+)?", re.I | re.A)
# A separator and three digits, once or more, always the same one; then perhaps a fraction behind the other one.
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}([ ,.'])\d{3}(\1\d{3})*((?!\1)[.,]\d+)?", re.A)


def plainly(text: str) -> str:
    """Without what looks different and means the same."""
    same = re.sub("[\u2018\u2019\u02bc]", "'", re.sub("[\u2212\u2013]", "-", unicodedata.normalize("NFKC", text)))
    return re.sub(r"\s+", " ", same).strip()


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


def read_number(text: str) -> float:
    """The number that a text stands for. Raises ValueError, with a sentence, where there is none or more than one."""
    found = readings(text)
    if len(found) > 1 and "," in text:
        raise ValueError(f"{text!r} can be read as {found[0]:g} or as {found[1]:g}: write the one that is meant.")
    if not found:
        raise ValueError(f"expected a number, got {text!r}.")
    return found[0]


def read_whole(text: str) -> int:
    """The whole number that a text stands for: 60.000 is sixty thousand. Raises ValueError, with a sentence."""
    value = next(reversed(readings(text)), None)
    if value is None or not value.is_integer() or re.search(r",\d{0,2}$|,\d{4,}", plainly(text)):
        raise ValueError(f"expected a whole number, got {text!r}.")
    return int(value)


def read_share(text: str) -> float:
    """A share of one, or a percentage with its sign: 0.97, 97 %. Raises ValueError, with a sentence."""
    typed = plainly(text)
    value = read_number(typed.removesuffix("%"))
    return float(f"{value / 100:.12g}") if typed.endswith("%") else value
