"""A command imports the Neo4j driver without NumPy, pandas and PyArrow; a program with them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

LIBRARIES = ["numpy", "pandas", "pyarrow"]
ADDRESS = "bolt://127.0.0.1:1"  # no server answers
COMMAND = ["-m", "cachegraph", "stats", "--store", ADDRESS]
LIBRARY = ["-c", f"import cachegraph; cachegraph.open('{ADDRESS}').stats()"]


@pytest.mark.parametrize(("words", "imported"), [(COMMAND, []), (LIBRARY, LIBRARIES)])
def test_libraries_of_frames(tmp_path: Path, words: list[str], imported: list[str]) -> None:
    for name in LIBRARIES:
        (tmp_path / f"{name}.py").write_text(f"print('{name}')\nraise ImportError")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, *words], env=environment, capture_output=True, text=True, check=False
    )
    assert "no Neo4j server answers" in ended.stderr
    assert sorted({*ended.stdout.split()}) == imported


def test_what_was_hidden_can_be_imported() -> None:
    """A command that exports Parquet from a server needs PyArrow, which the driver did not get."""
    script = (
        "from cachegraph import environment\n"
        "environment.is_command = True\n"
        "from cachegraph.neo4j.connection import Connection\n"
        f"Connection('{ADDRESS}').close()\n"
        "import sys\n"
        "assert 'pyarrow' not in sys.modules\n"
        "import pyarrow\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
