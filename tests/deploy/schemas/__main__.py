"""`python -m tests.deploy.schemas FILE… TARGET`: keeps of published CustomResourceDefinitions what the tests need.

A definition is a YAML file of its project's release; README.md says which ones are kept and how they were made.
"""

import sys
from pathlib import Path

from tests.deploy.schemas import keep

if __name__ == "__main__":
    *definitions, target = map(Path, sys.argv[1:])
    keep(definitions, target)
