"""Finds all experiments: every module of this package that has an `EXPERIMENT`."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from app import experiments
from app.experiments.base import Experiment


@cache
def all_experiments() -> Mapping[str, Experiment]:
    """By name, in the order of the article."""
    modules = (import_module(f"{experiments.__name__}.{module.name}") for module in iter_modules(experiments.__path__))
    found: list[Experiment] = [module.EXPERIMENT for module in modules if hasattr(module, "EXPERIMENT")]
    return {each.name: each for each in sorted(found, key=lambda each: each.order)}
