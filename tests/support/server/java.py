"""The Java that runs a server: the oldest installed one that is new enough.

As a program it prints where that is, and fails when there is none: ``java.py 17``. It needs nothing
but Python, since it is asked before anything is installed.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

HOMES = (
    "usr/lib/jvm/*",
    "usr/java/*",
    "opt/java*",
    "opt/*jdk*",
    "usr/local/*jdk*",
    "Library/Java/JavaVirtualMachines/*/Contents/Home",
)


class UnavailableError(Exception):
    """No server can be had here, and why."""


class Java(NamedTuple):
    version: int
    command: Path


def java(minimum: int) -> Java:
    """The oldest that fits: a server knows the versions that were there when it came out."""
    for found in installed():
        if found.version >= minimum:
            return found
    have = ", ".join(f"{found.version} ({found.command})" for found in installed()) or "none"
    raise UnavailableError(f"Java {minimum} or newer is needed, found {have}")


@cache
def installed() -> tuple[Java, ...]:
    """Every Java here that starts, the oldest first."""
    commands = dict.fromkeys(path.resolve() for path in _commands() if path.exists())
    versions = ((_version(command), command) for command in commands)
    return tuple(sorted(Java(version, command) for version, command in versions if version))


def _commands() -> Iterator[Path]:
    if home := os.environ.get("JAVA_HOME"):
        yield Path(home, "bin", "java")
    if found := shutil.which("java"):
        yield Path(found)
    for pattern in HOMES:
        yield from Path("/").glob(f"{pattern}/bin/java")


def _version(command: Path) -> int:
    """The feature version, 17 of "17.0.15", and 8 of "1.8.0"; 0 when it does not start."""
    try:
        told = subprocess.run(
            [command, "-version"], capture_output=True, text=True, timeout=300, check=True
        ).stderr
    except (OSError, subprocess.SubprocessError):
        return 0
    match = re.search(r'version "(?:1\.)?(\d+)', told)
    return int(match[1]) if match else 0


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{java(int(sys.argv[1])).command}\n")
    except UnavailableError as exc:
        sys.exit(str(exc))
