"""A typeset formula says what its text says."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from app.report.mathml import statements
from app.report.rule_source import rule_source, training_loop
from app.training.optimizers import OPTIMIZERS, adam, momentum

ABOVE = str.maketrans("0123t+", "⁰¹²³ᵗ⁺")
BELOW = str.maketrans("0123t", "₀₁₂₃ₜ")
HATS = {"^": "\u0302", "¯": "\u0304"}


def plain(node: ET.Element) -> str:
    """What a reader of the typeset formula would write on a line."""
    inside = [plain(each) for each in node]
    match node.tag:
        case "mfrac":
            return f"{_grouped(inside[0], '+−')}/{_grouped(inside[1])}"
        case "msqrt":
            return f"√{_grouped(''.join(inside))}"
        case "msup":
            return inside[0] + inside[1].translate(ABOVE)
        case "msub":
            return inside[0] + inside[1].translate(BELOW)
        case "mover":
            return inside[0] + HATS[inside[1]]
        case "mrow" | "math":
            return "".join(inside)
        case _:
            return (node.text or "").strip("\u2061\u2062")


def _grouped(text: str, signs: str = "+−/") -> str:
    """In parentheses if it is more than one factor; a lone letter needs none."""
    depth = 0
    for character in text:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0 and character in signs:
            return f"({text})"
    return text


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_typeset_formula_says_what_its_text_says(name: str) -> None:
    formula = OPTIMIZERS[name].formula
    written = [plain(ET.fromstring(statement)) for statement in statements(formula)]

    assert written == [re.sub(r"\s", "", text) for line in formula.splitlines() for text in line.split(",  ")]


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_letter_of_a_formula_can_be_found_by_its_name(name: str) -> None:
    rule = OPTIMIZERS[name]
    letters = set(re.findall(r'data-letter="(.*?)"', "".join(statements(rule.formula))))

    assert {"w", "g", "η"} <= letters | {"ηₜ", "η"}
    assert {each.symbol for each in rule.hyperparameters.values()} <= letters


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("w", "expected ← or =, got 'the end'"),
        ("w ← (g", "expected ), got 'the end'"),
        ("w ← g)", "expected an end, got ')'"),
        ("w ← g −", "expected more, got 'the end'"),
        ("w ← η # g", "where ' # g' can't be read"),
        ("w ← − g", "expected a letter or a number, got '−'"),
    ],
)
def test_what_is_no_formula_is_refused_with_what_was_expected(formula: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        statements(formula)


def test_the_lines_beside_a_formula_are_those_of_the_modules() -> None:
    for name, module in (("adam", adam), ("momentum", momentum)):
        code = rule_source(OPTIMIZERS[name])
        source = Path(module.__file__).read_text(encoding="utf-8")
        for line in code.text.splitlines():
            assert line.startswith("# as ") or line.strip() in source
        assert module.__file__.endswith(code.file)
    assert "theta -= self.accelerated(g)" in rule_source(OPTIMIZERS["momentum"]).text
    assert "v += g" in rule_source(OPTIMIZERS["momentum"]).text, "with what it calls"
    assert rule_source(OPTIMIZERS["adamw"]).text.index("decay_apart") < rule_source(OPTIMIZERS["adamw"]).text.index(
        "# as Adam\ndef move"
    )
    assert "optimizer.update(network.theta, g)" in training_loop().text
