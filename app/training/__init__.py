"""The training itself, in plain NumPy, readable alone: digits in, events out.

Read in this order: dataset, network, optimizers, trainer. The fast forms of the same arithmetic (fast_layers,
fast_network, sample) can be left for later, and kernels for last.
"""
