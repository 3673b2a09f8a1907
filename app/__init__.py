"""Optimizer Playground: watch SGD, Momentum and Adam learn to read handwritten digits side by side."""

import os

# NumPy reads these when it is first imported, here and in processes started from here: more threads than lanes would
# fight for the cores, and those of the server with the lanes.
os.environ |= dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
