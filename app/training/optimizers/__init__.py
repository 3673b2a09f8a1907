"""Optimizers: each is some state and an in-place update of the flat parameter vector θ from the gradient g.

Letters as in the papers: η learning rate, λ weight decay, β and ρ decay rates, m and v running averages. Nothing here
knows of networks, or imports anything else of the project. Read `base` first, then `momentum`, `adaptive` and `adam`.

A new optimizer is a class in any file of this folder: it is found, and is then in configs, links, the page, the command
line and the description of the API.
"""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from app.training.optimizers.base import Hyperparameter, Optimizer

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")


def _all(kind: Any) -> Iterator[type[Optimizer]]:
    for each in kind.__subclasses__():
        yield each
        yield from _all(each)


OPTIMIZERS: dict[str, type[Optimizer]] = {
    each.name: each for each in sorted(_all(Optimizer), key=lambda each: each.year)
}

__all__ = ["OPTIMIZERS", "Hyperparameter", "Optimizer"]
