"""An optimizer's formula, which stands on its class as a line of text, typeset as MathML.

A letter has its name in the formula, as `β₁` or `m̂`, as `data-letter`, so that a page can put a number in its place.
"""

import re
from html import escape

HATS = {"\u0302": "^", "\u0304": "¯"}
BELOW = dict(zip("₀₁₂₃ₜ", "0123t", strict=True))
ABOVE = dict(zip("⁰¹²³ᵗ⁺", "0123t+", strict=True))
WORDS = ("sign",)
TOKEN = re.compile(
    rf"\s*(?P<token>{'|'.join(WORDS)}|[{''.join(ABOVE)}]+|[0-9]+|[√Σ∇←=+−/()]|\w[{''.join(HATS)}]?[{''.join(BELOW)}]*)"
)
TIMES, APPLIED = "<mo>\u2062</mo>", "<mo>\u2061</mo>"


def statements(formula: str) -> list[str]:
    """One `math` element for each statement, as `v ← β v + g`: a side, a sign, and the other side.

    Raises ValueError for what is none.
    """
    return [_Statement(text).mathml() for line in formula.splitlines() for text in line.split(",  ")]


class _Statement:
    """Reads from left to right: a sum of terms, a term of factors, of which those before a / are its numerator."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens: list[str] = []
        end = 0
        while end < len(text):
            found = TOKEN.match(text, end)
            if found is None:
                raise ValueError(f"expected a formula, got {text!r}, where {text[end:]!r} can't be read.")
            self._tokens.append(found["token"])
            end = found.end()

    def mathml(self) -> str:
        left = self._sum()
        sign = self._take("←", "=")
        right = self._sum()
        if self._tokens:
            raise ValueError(f"expected an end, got {self._tokens[0]!r} in {self._text!r}.")
        return f'<math display="block"><mrow>{left}</mrow><mo>{sign}</mo><mrow>{right}</mrow></math>'

    def _sum(self) -> str:
        parts = [self._term()]
        while self._next() in ("+", "−"):
            parts += [f"<mo>{self._take()}</mo>", self._term()]
        return "".join(parts)

    def _term(self) -> str:
        factors = [self._factor()]
        while self._next() not in ("", "+", "−", "/", ")", "←", "="):
            factors.append(self._factor())
        product = TIMES.join(factors)
        if self._next() != "/":
            return product
        self._take("/")
        return f"<mfrac><mrow>{_bare(product)}</mrow><mrow>{_bare(self._factor())}</mrow></mfrac>"

    def _factor(self) -> str:
        token = self._take()
        match token:
            case "(":
                inside = self._sum()
                self._take(")")
                # Only a fraction is higher than a line.
                high = "" if "<mfrac>" in inside else ' stretchy="false"'
                return self._raised(f"<mrow><mo{high}>(</mo>{inside}<mo{high}>)</mo></mrow>")
            case "√":
                return f"<msqrt>{_bare(self._factor())}</msqrt>"
            case "Σ":
                return f'<mrow><mo largeop="false">Σ</mo>{self._factor()}</mrow>'
            case "∇":
                return f"<mrow><mo>∇</mo>{self._factor()}{APPLIED}{self._factor()}</mrow>"
            case _ if token in WORDS:
                return f"<mrow><mi>{token}</mi>{APPLIED}{self._factor()}</mrow>"
            case _ if token.isdecimal():
                return self._raised(f"<mn>{token}</mn>")
            case _ if token[0].isalpha():
                return self._raised(_letter(token))
        raise ValueError(f"expected a letter or a number, got {token!r} in {self._text!r}.")

    def _raised(self, base: str) -> str:
        if self._next()[:1] not in ABOVE:
            return base
        above = f"<mrow>{''.join(_sign(ABOVE[each]) for each in self._take())}</mrow>"
        return f"<msup>{base}{above}</msup>"

    def _next(self) -> str:
        return self._tokens[0] if self._tokens else ""

    def _take(self, *expected: str) -> str:
        token = self._next()
        if not token or (expected and token not in expected):
            wanted = " or ".join(expected) or "more"
            raise ValueError(f"expected {wanted}, got {token or 'the end'!r} in {self._text!r}.")
        return self._tokens.pop(0)


def _letter(token: str) -> str:
    base = "".join(each for each in token if each not in BELOW)
    below = "".join(_sign(BELOW[each]) for each in token if each in BELOW)
    named = f' data-letter="{escape(token)}"'
    if len(base) == 1:
        inner, outer = f"<mi>{base}</mi>", f"<mi{named}>{base}</mi>"
    else:
        hat = f'<mi>{base[0]}</mi><mo stretchy="false">{HATS[base[1]]}</mo>'
        inner, outer = f'<mover accent="true">{hat}</mover>', f'<mover accent="true"{named}>{hat}</mover>'
    return f"<msub{named}>{inner}<mrow>{below}</mrow></msub>" if below else outer


def _sign(character: str) -> str:
    kind = "mn" if character.isdigit() else "mo" if character == "+" else "mi"
    letter = ' data-letter="t"' if character == "t" else ""
    return f"<{kind}{letter}>{character}</{kind}>"


def _bare(product: str) -> str:
    """Without parentheses around the whole of it, where a bar or a root groups already."""
    found = re.fullmatch(r"<mrow><mo[^>]*>\(</mo>(.*)<mo[^>]*>\)</mo></mrow>", product)
    if found is None or _closes_early(found[1]):
        return product
    return found[1]


def _closes_early(inside: str) -> bool:
    """Whether the first parenthesis is closed before the end, as in (a) (b)."""
    open_now = 0
    for sign in re.findall(r"<mo[^>]*>([()])</mo>", inside):
        open_now += 1 if sign == "(" else -1
        if open_now < 0:
            return True
    return False
