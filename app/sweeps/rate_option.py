"""Learning rates as they are typed on a command line: one, as 0.01, or several, as 1e-4:1:13."""

from app.choices import RATE
from app.errors import InvalidConfig
from app.number_input import read_number, read_whole
from app.sweeps.grid import MOST_CELLS, spaced_rates

FORM = "Write one learning rate, such as --lr 0.01, or lowest:highest:how many, such as --lr 1e-4:1:13."


def rates_of(text: str) -> list[float]:
    """The learning rates that one --lr asks for. Raises InvalidConfig, with a sentence that shows the form."""
    try:
        match text.split(":"):
            case [rate]:
                return [_rate(rate)]
            case [low, high, count]:
                return _spaced(_rate(low), _rate(high), read_whole(count))
            case parts:
                raise ValueError(f"expected one part, or three with colons between, got {len(parts)}.")
    except ValueError as problem:
        raise InvalidConfig(f"--lr {text}: {problem} {FORM}") from None


def _rate(text: str) -> float:
    low, high = RATE
    rate = read_number(text, low, high)
    if not low <= rate <= high:
        raise ValueError(f"expected a learning rate from {low:f} to {high:g}, got {text!r}.")
    return rate


def _spaced(low: float, high: float, count: int) -> list[float]:
    if low >= high:
        raise ValueError(f"expected the lowest learning rate before the highest, got {low:g} and {high:g}.")
    if not 2 <= count <= MOST_CELLS:
        raise ValueError(f"expected from 2 to {MOST_CELLS:,} learning rates in a range, got {count:,}.")
    rates = spaced_rates(low, high, count)
    if (different := len(set(rates))) < count:
        raise ValueError(
            f"rounded to three digits, only {different:,} of {count:,} learning rates differ. "
            "Ask for fewer, or for a wider range."
        )
    return rates
