"""What was compared, as it is kept for the page in `app/report/parity.json` and shown in `docs/parity.md`."""

import ast
import hashlib
import inspect
import json
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.training.optimizers import Optimizer, base

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "app" / "report" / "parity.json"
DOCUMENT = ROOT / "docs" / "parity.md"
STEPS, WEIGHTS = 300, 500
# Rounding in float64 is about 2e-16 of a number, once an operation; another rule is apart by many orders of size more.
MOST_APART = 1e-12

TEXT = """# The optimizers beside optax

Made by `make parity`; CI makes it again and fails when more than digits has changed. `tests/parity/` is what makes it.

Each optimizer of `app/training/optimizers/` and its peer in {peer} start from the same {weights} weights and get
the same gradients, {steps} times, in float64: once without weight decay and once with 0.1. The difference is the
largest that any weight had after any of these steps; the weights are numbers of about 1 and came as far from their
start as the next column says. What is left is rounding: float64 keeps about sixteen digits.

| optimizer | peer | largest difference | weights moved by up to | different on purpose |
|---|---|---|---|---|
{rows}

A peer of the same name may have other conventions. What the last column says about optax is what had to be chosen
there so that both are one rule; everything else is as both have it by default. The update rules as their papers have
them, written out line by line, are in `tests/training/optimizers/published.py`, and `test_optimizers.py` beside it
holds ours to those in float32 too, over every schedule and with changes of the learning rate.
"""


def read() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def write(found: dict[str, Any]) -> None:
    FILE.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    DOCUMENT.write_text(document(found), encoding="utf-8")


def document(found: dict[str, Any]) -> str:
    rows = [
        f"| {row['label']} | `{row['peer']}` | {row['difference']:.0e} | {row['moved']} | {row['on_purpose']} |"
        for row in found["rules"].values()
    ]
    return TEXT.format(peer=found["peer"], weights=WEIGHTS, steps=found["steps"], rows="\n".join(rows))


def without_digits(found: dict[str, Any]) -> str:
    """All that must not change from one machine to the next: everything but the measured numbers and versions."""
    words = {name: {**row, "difference": "", "moved": ""} for name, row in found["rules"].items()}
    return json.dumps(
        {**found, "peer": re.sub(r"[\d.]+", "", found["peer"]), "rules": words}, ensure_ascii=False, indent=1
    )


def digest(rule: type[Optimizer]) -> str:
    """Of the code that updates by this rule: another one when the rule changes, the same when only words do."""
    return hashlib.sha256("\n".join(_code(rule)).encode()).hexdigest()[:16]


def _code(rule: type[Optimizer]) -> Iterator[str]:
    functions = [base.decay_apart, base.flush_denormals]
    for each in rule.__mro__:
        if issubclass(each, Optimizer):
            of_class = {name: getattr(value, "fget", value) for name, value in vars(each).items() if name != "averages"}
            functions += [value for value in of_class.values() if inspect.isfunction(value)]
    for function in functions:
        (tree,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
        assert isinstance(tree, ast.FunctionDef)
        if ast.get_docstring(tree) is not None:
            tree.body = tree.body[1:]
        # An abstract one has nothing else.
        yield ast.unparse(tree) if tree.body else tree.name
