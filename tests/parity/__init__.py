"""The optimizers beside those of optax, step by step."""
