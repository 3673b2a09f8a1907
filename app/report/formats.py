"""Numbers in words and in files, as `static/js/model/format.js` writes those that the page has of its own."""

import math
from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal

import numpy as np
from numpy.typing import NDArray

# Six digits always survive the way through a float32; with nine, every float32 does.
_SINGLE = [Context(prec=digits, rounding=ROUND_HALF_UP) for digits in (6, 7, 8, 9)]
NARROW_SPACE = "\u202f"
# From here on a time is written in hours.
LONG_S = 90 * 60


def fixed(value: float, digits: int) -> str:
    """So many digits after the point; ties go away from zero, as in JavaScript, not to the even digit."""
    return str(Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def plain(value: float) -> str:
    """The shortest decimal that reads back the same, written as JavaScript does: 1, 0.01, 0.00001, 1e-7."""
    if not math.isfinite(value):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(value)]
    if value == 0 or 1e-4 <= abs(value) < 1e16:
        return repr(float(value) if value else 0.0).removesuffix(".0")
    if 1e-6 <= abs(value) < 1e21:
        return np.format_float_positional(value, trim="-")
    return np.format_float_scientific(value, trim="-", exp_digits=1)


def single(value: float) -> str:
    """The shortest decimal that reads back as the same float32."""
    if not math.isfinite(value):
        return plain(value)
    exact = Decimal(value)
    shorter = (float(context.plus(exact)) for context in _SINGLE)
    return plain(next(number for number in shorter if np.float32(number) == value))


def singles(column: NDArray[np.float32]) -> Iterator[str]:
    """The same for a whole column, several times as fast."""
    for value, text in zip(column.tolist(), column.astype(str).tolist(), strict=True):
        # NumPy writes exponents and what is not finite otherwise, and rounds a last 5 to the even digit.
        if value == 0 or "e" in text or "n" in text or len(repr(value)) == len(text) + 1:
            yield single(value)
        else:
            yield text.removesuffix(".0")


def count(value: float) -> str:
    """The nearest whole number; half a one goes up, as on the page."""
    return f"{value if isinstance(value, int) else int(fixed(value, 0)):,}"


def counted(number: int | str, noun: str, plural: str | None = None) -> str:
    """ "1 epoch", "5 epochs"; a number that is written already stays as it is."""
    text = number if isinstance(number, str) else count(number)
    return f"{text} {noun if float(number) == 1 else plural or f'{noun}s'}"


def percent(share: float, digits: int = 2) -> str:
    """A share of one as a percentage, "96.60 %"."""
    return f"{fixed(share * 100, digits)}{NARROW_SPACE}%"


def target(share: float) -> str:
    """A chosen share as it was chosen, "95 %" or "99.5 %"."""
    return f"{plain(float(fixed(share * 100, 4)))}{NARROW_SPACE}%"


def points(difference: float) -> str:
    """A difference of shares in percentage points, without its sign."""
    size = abs(difference) * 100
    if size < 0.005:
        return "less than 0.01 points" if size else "0 points"
    return counted(fixed(size, 2 if size < 0.1 else 1), "point")


def deviation(value: float, digits: int) -> str:
    """A standard deviation, "0.12"; one that would be written as 0, "less than 0.01"."""
    text = fixed(value, digits)
    return text if float(text) else f"less than {fixed(10**-digits, digits)}"


def seconds(value: float) -> str:
    """A time that was measured."""
    if value < 99.95:
        return f"{fixed(value, 2 if value < 0.995 else 1)}{NARROW_SPACE}s"
    if value < LONG_S:
        whole = _nearest(value)
        return f"{whole // 60} min {whole % 60:02d}{NARROW_SPACE}s"
    minutes = _nearest(value / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min"


def fine_seconds(value: float) -> str:
    """A time that is compared with others: in milliseconds below a second."""
    return f"{fixed(value, 3)}{NARROW_SPACE}s" if value < 0.9995 else seconds(value)


def about(value: float) -> str:
    """A time that is estimated, in seconds: no finer than it is known."""
    if value < 10:
        return "a few seconds"
    if value < 118:
        return f"about {_nearest(value / 5) * 5}{NARROW_SPACE}s"
    if value < LONG_S:
        return f"about {_nearest(value / 60)} min"
    if value < 48 * 3600:
        return f"about {plain(_nearest(value / 1800) / 2)} hours"
    return f"about {_nearest(value / 86400)} days"


def span(value: float) -> str:
    """A time that was agreed on, in seconds: "5 seconds", "10 minutes", "1 hour"."""
    for size, unit in ((3600, "hour"), (60, "minute")):
        if value >= size:
            return counted(plain(value / size), unit)
    return counted(plain(value), "second")


def _nearest(value: float) -> int:
    return int(fixed(value, 0))


def ordinal(position: int) -> str:
    suffix = "th" if 10 < position % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(position % 10, "th")
    return f"{position}{suffix}"


def listed(names: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)
