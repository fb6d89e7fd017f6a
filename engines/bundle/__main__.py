"""python -m engines.bundle: what is wrong with the Databricks bundle."""

import sys
from pathlib import Path

from engines.bundle.check import problems

ROOT = Path(__file__).parents[2]


def main(root: Path = ROOT) -> int:
    found = problems(root)
    for problem in found:
        print(problem, file=sys.stderr)
    if not found:
        print("databricks.yml: fit to be deployed, as far as can be told without a workspace")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
