"""A server's jars, fetched once by Maven and kept in the user's cache folder."""

import fcntl
import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

from platformdirs import user_cache_path

from tests.support.server.java import UnavailableError

POM = Path(__file__).with_name("pom.xml")
SECONDS = 600


def jars(version: str) -> Path:
    """The folder of the jars of a version."""
    made_of = hashlib.sha256(POM.read_bytes()).hexdigest()[:8]
    folder = user_cache_path("cachegraph-tests") / f"neo4j-{version}-{made_of}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Maven's own folder is not for two at once.
    with (folder.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            _fetch(version, folder)
    return folder


def _fetch(version: str, folder: Path) -> None:
    """Fills a folder beside it first, so that what has the name is whole."""
    maven = shutil.which("mvn")
    if not maven:
        raise UnavailableError("Maven (mvn) is needed to fetch Neo4j, and is not on the PATH")
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f"{folder.name}.") as half:
        made = Path(half, "jars")
        _copy_dependencies(maven, version, made)
        made.rename(folder)


def _copy_dependencies(maven: str, version: str, into: Path) -> None:
    command = [
        maven,
        "-q",
        "-B",
        "-Dstyle.color=never",
        "-f",
        str(POM),
        "dependency:copy-dependencies",
    ]
    command += [f"-Dneo4j.version={version}", "-DincludeScope=runtime", f"-DoutputDirectory={into}"]
    if version.startswith("5."):
        command.append("-Pbrowser")  # the last open Browser speaks to these servers
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired as exc:
        raise UnavailableError(f"Maven did not fetch Neo4j {version} in {SECONDS} seconds") from exc
    if done.returncode:
        told = (done.stdout + done.stderr).partition("[ERROR] ")[2].partition("\n")[0]
        raise UnavailableError(f"Maven could not fetch Neo4j {version}: {told}")
