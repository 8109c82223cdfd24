"""Names for what a process is still writing, and removal of what killed processes left of it."""

import os
import re
import shutil
from contextlib import suppress
from zlib import crc32


def own_mark() -> str:
    """A part of a name that tells which process gave it."""
    return f"{_machine()}-{os.getpid()}-"


def remove_leftovers(folder: str, before: str, after: str = "") -> None:
    """Removes from a folder what ended processes named so: before, their mark, any word, after.

    Of processes on other machines, which may write to the same disk, and on Windows, where one
    cannot ask whether a process runs, everything stays.
    """
    if os.name == "nt":
        return
    fits = re.compile(
        rf"{re.escape(before)}{_machine()}-([0-9]{{1,10}})-[0-9a-z_]+{re.escape(after)}"
    ).fullmatch
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if (found := fits(entry.name)) and not _runs(int(found[1])):
                if entry.is_dir(follow_symlinks=False):
                    shutil.rmtree(entry.path, ignore_errors=True)
                else:
                    with suppress(OSError):
                        os.unlink(entry.path)  # noqa: PTH108  # pathlib is slow to import


def _machine() -> str:
    name = "" if os.name == "nt" else os.uname().nodename
    return f"{crc32(name.encode()):08x}"


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        pass  # it is that of another user
    return True
