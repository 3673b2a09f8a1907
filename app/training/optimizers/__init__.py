"""Optimizers: each is some state and an in-place update of the flat parameter vector θ from the gradient g.

Letters as in the papers: η learning rate, λ weight decay, β and ρ decay rates, m and v running averages. Nothing here
knows of networks. Read `base` first, then `momentum`, `adaptive` and `adam`.
"""

from app.training.optimizers.adam import Adam, AdamW, NAdam
from app.training.optimizers.adaptive import Adadelta, AdaGrad, RMSProp
from app.training.optimizers.base import Optimizer
from app.training.optimizers.momentum import SGD, Lion, Momentum, Nesterov

OPTIMIZERS: dict[str, type[Optimizer]] = {
    "sgd": SGD,
    "momentum": Momentum,
    "nesterov": Nesterov,
    "adagrad": AdaGrad,
    "rmsprop": RMSProp,
    "adadelta": Adadelta,
    "adam": Adam,
    "nadam": NAdam,
    "adamw": AdamW,
    "lion": Lion,
}

__all__ = ["OPTIMIZERS", "Optimizer"]
