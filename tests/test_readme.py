"""The README says what is so: its session and its table of the model are made from the program."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import cachegraph
from cachegraph.model.schema import NODE_TYPES, RELATIONSHIP_TYPES
from cachegraph.reading.discover import SAMPLE
from tests.cli.test_cli import in_terminal

README = Path(__file__).parents[1] / "README.md"
UPDATE = "python -m tests.test_readme"


def part(text: str, name: str) -> str:
    """What stands between two comments."""
    return text.partition(f"<!-- {name} -->\n")[2].partition(f"<!-- end of {name} -->")[0]


def model() -> str:
    """The tables of the graph's model."""
    lines = ["| label | key | other properties | |", "|---|---|---|---|"]
    for node in NODE_TYPES:
        others = ", ".join(f"`{p.name}`" for p in node.properties)
        lines.append(f"| `{node.label}` | `{node.key.name}` | {others} | {node.doc} |")
    lines += ["", "| relationship | from, to | properties | |", "|---|---|---|---|"]
    for type_ in RELATIONSHIP_TYPES:
        others = ", ".join(f"`{p.name}`" for p in type_.properties)
        ends = f"{type_.start.label}, {type_.end.label}"
        lines.append(f"| `{type_.name}` | {ends} | {others} | {type_.doc} |")
    return "\n".join(lines) + "\n"


# The parts with sessions, and what each is about.
SESSIONS = {
    "session": SAMPLE,
    "causes": README.parent / "tests/fixtures/spack/spack-real/lockfiles",
}


def session(text: str, store: Path) -> str:
    """The session with what its commands print now."""

    def printed(match: re.Match[str]) -> str:
        words = shlex.split(match[1])[1:]
        shown = in_terminal(*words, NO_COLOR="1", CACHEGRAPH_STORE=str(store), COLUMNS="92")
        return f"```console\n$ {match[1]}\n{shown}```\n"

    return re.sub(r"```console\n\$ (.+)\n[^`]*```\n", printed, text)


def updated(folder: Path) -> str:
    """The README as it should be."""
    text = README.read_text()
    for name, location in SESSIONS.items():
        store = folder / f"{name}.db"
        cachegraph.open(store).import_(location)
        text = text.replace(part(text, name), session(part(text, name), store))
    return text.replace(f"<!-- model -->\n{part(text, 'model')}", f"<!-- model -->\n{model()}")


def test_readme_is_up_to_date(tmp_path: Path) -> None:
    assert README.read_text() == updated(tmp_path), f"to update it: {UPDATE}"


def test_code_of_the_readme_runs(tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    store = tmp_path / "graph.db"
    cachegraph.open(store).import_(SAMPLE)
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "CACHEGRAPH_STORE": str(store)},
    )
    assert done.stdout == "3\n"


if __name__ == "__main__":
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as temporary:
        README.write_text(updated(Path(temporary)))
