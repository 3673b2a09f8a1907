"""Which kernels NumPy's matrix products run on: the bounds of a step depend on them.

OpenBLAS has kernels for small products, which a lane is cut into pieces for, with AVX-512 alone.
"""

import numpy  # noqa: F401  # its OpenBLAS is what is looked for
from threadpoolctl import threadpool_info

# By OpenBLAS's names of processors. All others have AVX2 at most.
WITH_AVX512 = {"SkylakeX", "Cooperlake", "SapphireRapids"}


def kernel() -> str:
    """OpenBLAS's name for it, chosen by the processor or by OPENBLAS_CORETYPE; "unknown" with another library."""
    found = (library["architecture"] for library in threadpool_info() if library["internal_api"] == "openblas")
    return next(found, "unknown")


def instructions(name: str) -> str:
    """What the kernel of this name is written for: the name of its set of bounds."""
    return "AVX-512" if name in WITH_AVX512 else "AVX2"
