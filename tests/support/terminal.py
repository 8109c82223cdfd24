"""Runs commands and other programs in a pseudo-terminal, and returns what they write to it."""

import os
import pty
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

_END = b"\0the program has ended\0"


def in_terminal(*words: str | Path, stdin: int | None = None, **environment: str) -> str:
    """What a command prints when both of its streams are a terminal of 100 columns."""
    return written_to_terminal(
        [sys.executable, "-m", "cachegraph", *map(str, words)],
        stdin=stdin,
        environment={"COLUMNS": "100", "TERM": "xterm", **environment},
    )


def written_to_terminal(
    words: list[str],
    typed: str = "",
    *,
    stdin: int | None = None,
    environment: Mapping[str, str] = {},
    **options: Any,
) -> str:
    """All that a program writes to a terminal, to standard output and standard error.

    With ``typed`` the terminal is its standard input too, and that has been typed into it. The
    ``options`` are those of Popen.
    """
    with ExitStack() as opened:
        leader, follower = pty.openpty()
        opened.callback(os.close, leader)
        opened.callback(os.close, follower)
        process = subprocess.Popen(
            words,
            stdin=follower if typed else subprocess.DEVNULL if stdin is None else stdin,
            stdout=follower,
            stderr=follower,
            env={**os.environ, **environment},
            **options,
        )
        # The follower stays open until all is read. When it is closed, reading ends with an error
        # that looks like any other, and some systems then lose what was not read.
        ending = threading.Thread(target=_end, args=(process, follower))
        ending.start()
        opened.callback(ending.join)
        if typed:
            os.write(leader, typed.encode())
        written = b""
        while not written.endswith(_END):
            written += os.read(leader, 1 << 16)
    assert process.returncode >= 0, f"{words} ended by signal {-process.returncode}: {written!r}"
    return written.removesuffix(_END).decode().replace("\r\n", "\n")


def _end(process: subprocess.Popen[bytes], follower: int) -> None:
    """Writes that a program has ended behind what it has written."""
    process.wait()
    os.write(follower, _END)
