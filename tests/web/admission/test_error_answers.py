"""The one table of what is answered to which exception."""

from pathlib import Path

import pytest

from app.errors import Busy, Overloaded, PlaygroundError, QuotaExceeded, RateLimited
from app.web.admission.error_answers import ANSWERS, answer_to, refusal

PROTOCOL = (Path(__file__).resolve().parents[3] / "docs" / "protocol.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("code", sorted({answer.code for answer in ANSWERS.values()}))
def test_every_code_is_documented(code: str) -> None:
    assert f"`{code}`" in PROTOCOL


def test_an_exception_is_answered_as_the_nearest_class_in_the_table() -> None:
    class OfOneRoute(RateLimited):
        pass

    assert answer_to(OfOneRoute("", 1.0)) is ANSWERS[RateLimited]


def test_an_answer_says_when_to_try_again_in_whole_seconds_as_the_exception_has_it() -> None:
    assert refusal(QuotaExceeded("Later.", 1.2)).headers["retry-after"] == "2"


@pytest.mark.parametrize("kind", [kind for kind in ANSWERS if issubclass(kind, PlaygroundError)])
def test_a_refusal_that_can_be_retried_says_when(kind: type[PlaygroundError]) -> None:
    """Whatever is answered with 429 or 503 has a time, of its own or from the table."""
    answer = ANSWERS[kind]
    has_its_own = issubclass(kind, Busy | Overloaded)

    assert (has_its_own or answer.retry_after_s is not None) == (answer.status in (429, 503))
