"""`make parity`: compares, and writes the table, or with `--check` only says where it would be another one."""

import difflib
import sys
import time

from tests.parity.comparison import compare
from tests.parity.table import FILE, MOST_APART, document, read, without_digits, write


def main(asked: list[str]) -> None:
    began = time.monotonic()
    found = compare()
    print(document(found), f"Compared in {time.monotonic() - began:.0f} s.", sep="\n")
    apart = {row["label"]: row["difference"] for row in found["rules"].values() if not row["difference"] <= MOST_APART}
    if apart:
        sys.exit(f"Another rule than its peer's, or another convention: {apart}, where {MOST_APART} is rounding.")
    if asked != ["--check"]:
        write(found)
        return
    before, now = (without_digits(each).splitlines() for each in (read(), found))
    if before != now:
        changes = "\n".join(difflib.unified_diff(before, now, "kept", "found", lineterm="", n=1))
        sys.exit(f"{FILE} is not what was found now; `make parity` writes it anew.\n{changes}")


if __name__ == "__main__":
    main(sys.argv[1:])
