"""The very lines that run for an update, read from the modules, for people who look at a rule beside its formula."""

import ast
import inspect
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from app.training.optimizers import Optimizer
from app.training.textbook import train_by_the_book

ROOT = Path(__file__).resolve().parents[2]


class Code(NamedTuple):
    """`file` is where the lines stand, from the root of the project."""

    file: str
    text: str


def training_loop() -> Code:
    """Without its docstring, which the page has in other words."""
    return Code(_file(train_by_the_book), _written(train_by_the_book, docstring=False))


def rule_source(rule: type[Optimizer]) -> Code:
    """What is special to a rule, in the order in which it runs, and what its move calls; inherited lines say whose."""
    names = ["gradient_factor", "decay", "move"]
    called = (each for name in names for each in _called(rule, name))
    names += [name for name in dict.fromkeys(called) if name not in names]
    owners = {name: _owner(rule, name) for name in names}
    parts = [
        ("" if owner is rule else f"# as {owner.label}\n") + _written(_function(rule, name))
        for name, owner in owners.items()
        if owner is not Optimizer and _body(_function(rule, name))
    ]
    return Code(_file(rule), "\n\n".join(parts))


def _owner(rule: type[Optimizer], name: str) -> type[Optimizer]:
    """Itself, or whom it has a method from."""
    return next(each for each in rule.__mro__ if issubclass(each, Optimizer) and name in vars(each))


def _function(rule: type[Optimizer], name: str) -> Callable[..., Any]:
    found = inspect.getattr_static(rule, name)
    function: Callable[..., Any] = found.fget if isinstance(found, property) and found.fget else found
    return function


def _called(rule: type[Optimizer], name: str) -> list[str]:
    """The rule's own methods that one of them calls."""
    calls = [node.func for node in ast.walk(_tree(_function(rule, name))) if isinstance(node, ast.Call)]
    return [call.attr for call in calls if isinstance(call, ast.Attribute) and ast.unparse(call.value) == "self"]


def _written(function: Callable[..., Any], docstring: bool = True) -> str:
    lines = textwrap.dedent(inspect.getsource(function)).splitlines()
    first = _tree(function).body[0]
    if not docstring:
        del lines[first.lineno - 1 : first.end_lineno]
    return "\n".join(lines)


def _body(function: Callable[..., Any]) -> list[ast.stmt]:
    tree = _tree(function)
    return tree.body[1:] if ast.get_docstring(tree) is not None else tree.body


def _tree(function: Callable[..., Any]) -> ast.FunctionDef:
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    assert isinstance(tree, ast.FunctionDef)
    return tree


def _file(of: object) -> str:
    return Path(inspect.getfile(of)).relative_to(ROOT).as_posix()  # type: ignore[arg-type]
