"""Programs that try to break cachegraph. Each takes a seed and the seconds that it may take."""

import argparse


def parser(description: str | None) -> argparse.ArgumentParser:
    """A parser of the options that every program has."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("--seed", type=int, default=0)
    made.add_argument("--seconds", type=float, default=60)
    return made
