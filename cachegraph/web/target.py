"""Where a site of files may be written: never over anything that is not an earlier site."""

import os
from pathlib import Path

from cachegraph.errors import UsageError
from cachegraph.opening import MEMORY, is_neo4j

MARK = ".cachegraph-site"
"""The file by which a site is known, with the names of what is beside it."""
_HINT = "name a new folder"


def check_target(target: Path, store: str, *, replace: bool) -> None:
    """UsageError if a site may not be written there; the path is absolute."""
    if target in (Path.cwd(), Path(target.anchor)):
        raise UsageError(f"{target}: cannot be replaced", "name a folder in it")
    if not os.path.lexists(target):
        return
    if target.is_symlink() or not target.is_dir():
        raise UsageError(f"{target}: not a folder", _HINT)
    found = {one.name for one in target.iterdir()}
    if not found:
        return
    if MARK not in found:
        raise UsageError(f"{target}: a folder with other files", _HINT)
    if not replace:
        raise UsageError(f"{target}: there is a site already", "--replace replaces it")
    _check_replaced(target, found, store)


def _check_replaced(target: Path, found: set[str], store: str) -> None:
    """UsageError if more than an earlier site would go."""
    ours = (target / MARK).read_text("utf-8", "replace").splitlines()
    if others := sorted(found - {MARK, *ours}):
        raise UsageError(f"{target}: {others[0]} is not of the site", "move it away, or " + _HINT)
    is_file = store != MEMORY and not is_neo4j(store)
    if is_file and target.resolve() in Path(store).resolve().parents:
        raise UsageError(f"{target}: the store is in it", _HINT)


def mark_text(folder: Path) -> bytes:
    """What the mark of a site says."""
    names = sorted(one.name for one in folder.iterdir())
    lines = ["Made by cachegraph; site --replace replaces:", *names, ""]
    return "\n".join(lines).encode()
