"""All programs of the torture that need no Neo4j, one after another, each for a share of the time.

``python -m tests.torture --seconds 60`` prints what each tried and found; it exits with 1 if one
of them found something.
"""

import subprocess
import sys
from pathlib import Path

from tests.torture import parser

PROGRAMS = ("documents", "arguments", "server", "damage", "craft", "kill", "exports", "beside")


def main() -> None:
    options = parser(__doc__).parse_args()
    seconds = options.seconds / len(PROGRAMS)
    found = []
    for program in PROGRAMS:
        print(f"+ {program}, {seconds:.0f} s", flush=True)
        settings = [f"--seed={options.seed}", f"--seconds={seconds}"]
        done = subprocess.run(
            [sys.executable, "-m", f"tests.torture.{program}", *settings],
            cwd=Path(__file__).parents[2],
            check=False,
        )
        found += [program] * bool(done.returncode)
    sys.exit(f"something was found by: {', '.join(found)}" if found else 0)


if __name__ == "__main__":
    main()
