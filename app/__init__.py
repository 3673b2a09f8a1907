"""Optimizer Playground: watch SGD, Momentum and Adam learn to read handwritten digits side by side."""
