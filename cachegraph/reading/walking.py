"""Goes through folders that may be nested more deeply than Python calls functions."""

import os
from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from typing import NamedTuple, TypeVar

Found = TypeVar("Found")


class Folder(NamedTuple):
    """The path of a folder, its location in messages, and the folders from the top to it."""

    path: str
    shown: str
    subfolders: tuple[str, ...] = ()


def walk(top: Folder, look: Callable[[Folder], Iterable[Found | Folder]]) -> Iterator[Found]:
    """What is found in a folder and those within it, each in the place where it is met."""
    waiting: list[Found | Folder] = [top]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Folder):
            waiting += reversed([*look(item)])
        else:
            yield item


def files_below(folder: str | os.PathLike[str]) -> Iterator[tuple[str, str]]:
    """The files in a folder and those within it, in order: the path below it, and the whole path.

    Folders that cannot be read are left out.
    """

    def look(inside: Folder) -> Iterator[tuple[str, str] | Folder]:
        # os.walk takes twice as long: most folders have one file.
        try:
            with os.scandir(inside.path) as scanned:
                entries = sorted(scanned, key=attrgetter("name"))
        except OSError:
            return
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield Folder(entry.path, f"{inside.shown}{entry.name}/")
            else:
                yield f"{inside.shown}{entry.name}", entry.path

    return walk(Folder(os.fspath(folder), ""), look)
