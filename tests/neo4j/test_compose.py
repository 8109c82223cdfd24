"""docker-compose.yml: a database that only this machine reaches, with no password in the file."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from cachegraph.cli import cli
from tests.support.server.plugin import required

pytestmark = pytest.mark.slow  # starts docker compose

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker-compose.yml"
# Read by the image's start script, not by Neo4j.
AUTH = "NEO4J_AUTH"


def neo4j() -> dict[str, Any]:
    """The service as it is written."""
    service = yaml.safe_load(FILE.read_text())["services"]["neo4j"]
    assert isinstance(service, dict)
    return service


def compose(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """What compose says of the file; skips where there is none."""
    commands = [["docker", "compose"], ["docker-compose"]]
    there = [c for c in commands if shutil.which(c[0]) and not _run([*c, "version"]).returncode]
    if not there:
        if required():
            pytest.fail("neither docker compose nor docker-compose is installed")
        pytest.skip("needs docker compose, or docker-compose")
    # A .env beside the file, the user's own, would fill in what is not set.
    shutil.copy(FILE, folder)
    file = str(folder / FILE.name)
    return _run([*there[0], "-f", file, "--profile", "*", "config"], **environment)


def _run(command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("NEO4J_")}
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=kept | environment
    )


def test_image_is_a_pinned_community_release() -> None:
    assert re.fullmatch(r"neo4j:\d+\.\d+\.\d+-community", neo4j()["image"])


def test_only_this_machine_reaches_it() -> None:
    assert neo4j()["ports"] == ["127.0.0.1:7474:7474", "127.0.0.1:7687:7687"]


def test_health_check_asks_the_database() -> None:
    kind, command = neo4j()["healthcheck"]["test"]
    assert kind == "CMD-SHELL"
    assert "cypher-shell" in command
    assert "RETURN 1" in command


def test_data_outlives_the_container_and_our_files_are_only_read() -> None:
    assert neo4j()["volumes"] == [
        "data:/data",
        "logs:/logs",
        "./cypher:/cypher:ro",
    ]
    assert set(yaml.safe_load(FILE.read_text())["volumes"]) == {"data", "logs"}
    assert (ROOT / "cypher").is_dir()


def test_password_is_never_in_a_file_of_ours() -> None:
    assert neo4j()["environment"][AUTH].startswith("neo4j/${NEO4J_PASSWORD:?")
    assert ".env" in (ROOT / ".gitignore").read_text().splitlines()


def test_pages_are_served_to_this_machine_alone_and_by_nobody() -> None:
    web = yaml.safe_load(FILE.read_text())["services"]["web"]
    assert web["ports"] == ["127.0.0.1:8000:8000"]
    assert web["profiles"] == ["web"]
    assert (web["read_only"], web["cap_drop"]) == (True, ["ALL"])
    assert web["depends_on"]["neo4j"]["condition"] == "service_healthy"
    assert (web["user"], web["volumes"]) == ("65534:65534", [".:/source:ro"])
    # The last command that the container runs is one of ours, up to where it would serve.
    words = [*web["command"][-1].rpartition("cachegraph ")[2].split(), "--help"]
    done = CliRunner().invoke(cli, words)
    assert done.exit_code == 0, done.output


def test_compose_accepts_it(tmp_path: Path) -> None:
    done = compose(tmp_path, NEO4J_PASSWORD="of a test", NEO4J_HEAP="3g")
    assert done.returncode == 0, done.stderr
    settings = yaml.safe_load(done.stdout)["services"]["neo4j"]["environment"]
    assert settings[AUTH] == "neo4j/of a test"
    assert settings["NEO4J_server_memory_heap_max__size"] == "3g"
    assert settings["NEO4J_server_memory_pagecache_size"] == "1g"


def test_compose_wants_a_password(tmp_path: Path) -> None:
    done = compose(tmp_path)
    assert done.returncode != 0
    assert "choose 8 characters or more" in done.stderr
