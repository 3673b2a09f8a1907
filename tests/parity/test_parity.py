"""The table of `docs/parity.md` is of all optimizers, and of their rules as they are now. optax is not needed."""

import pytest

from app.training.optimizers import OPTIMIZERS
from app.training.optimizers.adam import Adam
from tests.parity.table import DOCUMENT, MOST_APART, digest, document, read

AGAIN = "`make parity` compares again"


def test_every_optimizer_is_in_the_table() -> None:
    assert list(read()["rules"]) == list(OPTIMIZERS), AGAIN


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_rule_is_the_one_that_was_compared(name: str) -> None:
    row = read()["rules"][name]

    assert row["digest"] == digest(OPTIMIZERS[name]), AGAIN
    assert 0 <= row["difference"] <= MOST_APART
    assert row["label"] == OPTIMIZERS[name].label


def test_the_document_has_what_was_found() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(read())


class AnotherMove(Adam):
    def move(self, theta, g):
        theta -= g


class OtherWords(Adam):
    """Adam, in other words."""

    sentence = "Something else."


def test_another_rule_has_another_digest_and_other_words_have_the_same() -> None:
    assert digest(AnotherMove) != digest(Adam)
    assert digest(OtherWords) == digest(Adam)
