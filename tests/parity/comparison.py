"""The same weights and the same gradients for each of our optimizers and for its peer: how far apart do they get?"""

import math
from importlib.metadata import version
from typing import Any

import jax
import numpy as np
import optax

from app.config import LANES
from app.training.optimizers import OPTIMIZERS
from tests.parity.peers import PEERS, Peer
from tests.parity.table import STEPS, WEIGHTS, digest

DECAYS = (0.0, 0.1)


def compare() -> dict[str, Any]:
    """What `table.FILE` holds."""
    jax.config.update("jax_enable_x64", True)
    return {
        "peer": f"optax {version('optax')}",
        "steps": STEPS,
        "rules": {name: _row(name, PEERS[name]) for name in OPTIMIZERS},
    }


def _row(name: str, peer: Peer) -> dict[str, Any]:
    apart, moved = np.max([_differences(name, peer, decay) for decay in DECAYS], axis=0)
    return {
        "label": OPTIMIZERS[name].label,
        "peer": peer.called,
        "difference": _rounded_up(apart),
        "moved": f"{moved:.2g}",
        "on_purpose": peer.on_purpose,
        "digest": digest(OPTIMIZERS[name]),
    }


def _differences(name: str, peer: Peer, decay: float) -> tuple[float, float]:
    """The largest difference of a weight after any of the steps, and how far the weights came from their start."""
    start, gradients = _problem()
    rate = LANES[name]().learning_rate or 0.01
    choices = {**LANES[name]().hyperparameters(), **peer.choices}
    theta = start.copy()
    ours = OPTIMIZERS[name](theta, rate, weight_decay=decay, **choices)
    theirs = peer.make(rate, decay, **choices)
    params = jax.numpy.asarray(start)
    state, update = theirs.init(params), jax.jit(theirs.update)
    apart = 0.0
    for g in gradients:
        ours.update(theta, g * ours.gradient_factor)
        updates, state = update(jax.numpy.asarray(g), state, params)
        params = optax.apply_updates(params, updates)
        evaluated = optax.contrib.schedule_free_eval_params(state, params) if hasattr(state, "z") else params
        apart = max(apart, float(np.abs(ours.evaluated(theta) - np.asarray(evaluated)).max()))
    return apart, float(np.abs(ours.evaluated(theta) - start).max())


def _problem() -> tuple[np.ndarray, list[np.ndarray]]:
    """Weights of about 1, and gradients over six decades of size with a direction, so that averages don't vanish."""
    rng = np.random.default_rng(1)
    start, sizes = rng.standard_normal(WEIGHTS), 10 ** rng.uniform(-6, 0, WEIGHTS)
    return start, [sizes * (rng.standard_normal(WEIGHTS) + 0.5) for _ in range(STEPS)]


def _rounded_up(value: float) -> float:
    """To one digit."""
    if not value:
        return 0.0
    unit = 10.0 ** math.floor(math.log10(value))
    return float(f"{math.ceil(value / unit) * unit:.0e}")
