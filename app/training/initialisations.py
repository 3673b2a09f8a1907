"""How widely the first weights of a layer are spread: the standard deviation of a normal distribution around 0.

Biases start at 0.
"""

import math
from collections.abc import Callable

INITIALISATIONS: dict[str, Callable[[int, int], float]] = {
    # He et al. 2015, "Delving Deep into Rectifiers", eq. 10: keeps the variance through ReLU layers.
    "he": lambda inputs, outputs: math.sqrt(2 / inputs),
    # Glorot & Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks", eq. 12.
    "xavier": lambda inputs, outputs: math.sqrt(2 / (inputs + outputs)),
    "small": lambda inputs, outputs: 0.01,
    # All units of a layer are alike, get the same gradient, and stay alike.
    "zero": lambda inputs, outputs: 0.0,
}
