"""The training itself, in plain NumPy, readable alone: digits in, events out.

Read in this order: dataset, network, optimizers, trainer.
"""
