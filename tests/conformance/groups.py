"""An environment with two groups of roots."""

from pathlib import Path

from tests.support.corpus import lock, needs, node, write


def grouped(folder: Path) -> Path:
    """In the group ``cpu`` app, which needs zlib; in ``gpu`` tool, which needs zlib and cuda.

    In both is base, which needs nothing.
    """
    zlib, cuda, base = node("zlib"), node("cuda"), node("base")
    app, tool = node("app", needs(zlib)), node("tool", needs(zlib), needs(cuda))
    roots = [
        {"hash": one["hash"], "spec": one["name"], "group": group}
        for one, group in ((app, "cpu"), (tool, "gpu"), (base, "cpu"), (base, "gpu"))
    ]
    made = lock(app, tool, base, zlib, cuda, version=7, roots=roots)
    return write(folder / "env" / "spack.lock", made)
