"""Prints what each job costs against the size of the farm: CPU seconds and peak memory.

    python tests/benchmarks/run_scale.py [--sizes 100000 1000000] [--rounds 3]

With ``--pages-only 5000000`` pages of that size are imported too. The farms are made up: pages of
one release, pages of twelve releases with 300 stacks, and an index with ten dependencies a spec.
Every job is a process of its own, start to end; figures are medians.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import generate
import generate_index
from run import COMMAND, Measured, in_turns, process

PAGES = 8_000
RELEASES = 12


class Cost(NamedTuple):
    """One line of the table: a job on a farm of a kind, and what it took at each size."""

    farm: str
    job: str
    at: dict[int, Measured]

    def cells(self, sizes: list[int]) -> list[str]:
        """What is printed: seconds and memory at each size, and how both grew at last."""
        shown = [self.at.get(size) for size in sizes]
        figures = [f"{m.seconds:.2f} s {m.peak:.0f} MB" if m else "" for m in shown]
        known = [m for m in shown if m]
        growth = ""
        if len(known) > 1:
            before, after = known[-2:]
            growth = f"x{after.seconds / before.seconds:.1f} x{after.peak / before.peak:.1f}"
        return [self.farm, self.job, *figures, growth]


class Farm(NamedTuple):
    """A farm of one size in files, and the store that is imported from them."""

    kind: str
    size: int
    files: Path
    store: Path

    def importing(self) -> Measured:
        """An import into a new store."""
        for file in self.store.parent.glob(f"{self.store.name}*"):
            file.unlink()
        return self.asked("import", str(self.files))

    def asked(self, *words: str) -> Measured:
        """One run of a command on the store."""
        return process(COMMAND, *words, "--store", str(self.store))


def pages(folder: Path, size: int, releases: int) -> Farm:
    """The pages of a farm of one release, or of twelve."""
    name = f"pages-{size}-{releases}"
    words = [str(folder / name), str(size), str(PAGES), str(releases)]
    process(sys.executable, generate.__file__, *words)
    kind = "pages, 300 stacks" if releases > 1 else "pages"
    return Farm(kind, size, folder / name, folder / f"{name}.db")


def index(folder: Path, size: int) -> Farm:
    """The index of a build cache."""
    path = folder / f"index-{size}" / "index.json"
    path.parent.mkdir()
    process(sys.executable, generate_index.__file__, str(path), str(size))
    return Farm("index", size, path, folder / f"index-{size}.db")


def jobs(farm: Farm, folder: Path) -> Iterator[tuple[str, Callable[[], Measured]]]:
    """What is asked of a farm, and by which name it is printed."""
    questions = {
        "pages": (
            ("overlap", "e4s", "ml-linux-x86_64-cpu"),
            ("matrix",),
            ("duplicates",),
            ("find", "%gcc@11"),
        ),
        "pages, 300 stacks": (
            ("stacks",),
            ("matrix", "--all-releases"),
            ("shared", "--all-releases", "--at-least", "20"),
            ("coverage",),
        ),
        "index": (
            ("show", "package-1500"),
            ("dependents", "--transitive", "package-1"),
            ("blame",),
            ("what-if", "--best", "3"),
        ),
    }
    for words in questions[farm.kind]:
        yield " ".join(words), lambda words=words: farm.asked(*words)
    yield "import again, unchanged", lambda: farm.asked("import", str(farm.files))
    graphml = str(folder / "graph.graphml")
    yield "export GraphML", lambda: farm.asked("export", graphml)


def measured(farm: Farm, folder: Path, rounds: int) -> dict[str, Measured]:
    """What the import and each job took."""
    found = {"import": in_turns(1, farm.importing)[0]}
    for name, job in jobs(farm, folder):
        (found[name],) = in_turns(rounds, job)
    return found


def main() -> None:
    """Makes the farms one after another, measures, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--pages-only", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    costs: dict[tuple[str, str], dict[int, Measured]] = {}
    for size in options.sizes:
        makers = (
            lambda folder, size=size: pages(folder, size, 1),
            lambda folder, size=size: pages(folder, size, RELEASES),
            lambda folder, size=size: index(folder, size),
        )
        for make in makers:
            with tempfile.TemporaryDirectory() as temporary:
                farm = make(Path(temporary))
                for job, took in measured(farm, Path(temporary), options.rounds).items():
                    costs.setdefault((farm.kind, job), {})[size] = took
    sizes = [*options.sizes]
    if options.pages_only:
        with tempfile.TemporaryDirectory() as temporary:
            farm = pages(Path(temporary), options.pages_only, 1)
            costs["pages", "import"][options.pages_only] = farm.importing()
        sizes.append(options.pages_only)
    lines = [Cost(*names, at).cells(sizes) for names, at in costs.items()]
    head = ["farm", "job", *(f"{size:,} specs" for size in sizes), "growth"]
    widths = [max(map(len, column)) for column in zip(head, *lines, strict=True)]
    for line in (head, *lines):
        padded = [text.ljust(width) for text, width in zip(line, widths, strict=True)]
        print("  ".join(padded).rstrip())


if __name__ == "__main__":
    main()
