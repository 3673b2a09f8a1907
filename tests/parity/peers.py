"""Each optimizer once more as optax has it, which is no requirement of the tests: `make parity` installs it."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp
import optax

Make = Callable[..., optax.GradientTransformation]


class Peer(NamedTuple):
    """`make` takes a learning rate, a weight decay and the hyperparameters by our names."""

    called: str
    make: Make
    on_purpose: str
    """Where the two have other conventions, and what was done to compare one rule."""
    choices: dict[str, float] = {}  # noqa: RUF012 — a constant
    """What both have in place of our defaults."""


def _coupled(make: Make) -> Make:
    """With λθ added to the gradient, which is what weight decay is for us unless a rule says otherwise."""

    def made(rate: float, decay: float, **choices: float) -> optax.GradientTransformation:
        return optax.chain(optax.add_decayed_weights(decay), make(rate, **choices))

    return made


def _schedule_free(rate: float, decay: float, beta1: float, beta2: float, epsilon: float) -> Any:
    def warm(t: Any) -> Any:
        return rate * jnp.sqrt(1 - beta2**t)

    base = optax.chain(
        optax.scale_by_rms(beta2, epsilon, eps_in_sqrt=False, bias_correction=False),
        optax.add_decayed_weights(decay),
        # The one counts its steps from 0, the other from 1.
        optax.scale_by_learning_rate(lambda count: warm(count + 1)),
    )
    return optax.contrib.schedule_free(base, warm, beta1)


COUPLED = "Weight decay λ is added to the gradient; in optax that is `add_decayed_weights` before the rule."
PEERS = {
    "sgd": Peer("optax.sgd", _coupled(optax.sgd), COUPLED),
    "momentum": Peer(
        "optax.sgd, momentum",
        _coupled(lambda rate, momentum: optax.sgd(rate, momentum)),
        "The gradient is not damped by 1 − β, and the learning rate stands outside the velocity, as in PyTorch.",
    ),
    "nesterov": Peer(
        "optax.sgd, nesterov",
        _coupled(lambda rate, momentum: optax.sgd(rate, momentum, nesterov=True)),
        "As Momentum; the weights are those at the place that momentum leads to, as in PyTorch.",
    ),
    "adagrad": Peer(
        "optax.adagrad",
        _coupled(lambda rate, epsilon: optax.adagrad(rate, initial_accumulator_value=0, eps=epsilon)),
        "ε stands outside the root, as in PyTorch; optax has it inside, and a sum that begins at 0.1. "
        "Compared with ε = 0 and a sum that begins at 0.",
        {"epsilon": 0.0},
    ),
    "rmsprop": Peer(
        "optax.rmsprop",
        _coupled(lambda rate, rho, epsilon: optax.rmsprop(rate, rho, epsilon, eps_in_sqrt=False)),
        "ε stands outside the root, as in PyTorch; optax has both (`eps_in_sqrt=False`).",
    ),
    "adadelta": Peer(
        "optax.adadelta",
        _coupled(lambda rate, rho, epsilon: optax.adadelta(rate, rho, epsilon)),
        "Both have a learning rate as a factor, which the paper has not.",
    ),
    "adam": Peer(
        "optax.adam",
        _coupled(lambda rate, beta1, beta2, epsilon: optax.adam(rate, beta1, beta2, epsilon)),
        "ε stands outside the root and after the bias correction, as in the paper and in PyTorch.",
    ),
    "nadam": Peer(
        "optax.nadam",
        _coupled(lambda rate, beta1, beta2, epsilon: optax.nadam(rate, beta1, beta2, epsilon)),
        "One β₁ for all steps; in PyTorch's NAdam it grows from step to step.",
    ),
    "adamw": Peer(
        "optax.adamw",
        lambda rate, decay, beta1, beta2, epsilon: optax.adamw(rate, beta1, beta2, epsilon, weight_decay=decay),
        "The decay is multiplied by the learning rate, as in PyTorch, and not by a schedule alone, as in the paper.",
    ),
    "lion": Peer(
        "optax.lion",
        lambda rate, decay, beta1, beta2: optax.lion(rate, beta1, beta2, weight_decay=decay),
        "Nothing.",
    ),
    "schedulefree": Peer(
        "optax.contrib.schedule_free",
        _schedule_free,
        "v is not corrected; the learning rate starts lower by √(1 − β₂ᵗ) instead, and these rates weigh the average, "
        "as in the authors' own package. `optax.contrib.schedule_free_adamw` corrects v and weighs all steps alike.",
    ),
}
