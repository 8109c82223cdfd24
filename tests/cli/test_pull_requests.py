"""The action for GitHub and the job for GitLab, run as their runners would on two commits."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.corpus import lock, node, write

ROOT = Path(__file__).parents[2]
ACTION = ROOT / ".github" / "actions" / "impact" / "action.yml"
PIC, NO_PIC = (
    node("zlib", parameters={"build_system": "cmake", "pic": pic}) for pic in (True, False)
)

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="runners have bash")


@pytest.fixture
def commits(tmp_path: Path) -> tuple[Path, str, str]:
    """A repository with two environments, of which the second commit changes one."""
    folder = tmp_path / "repository"

    def git(*words: str) -> str:
        name = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
        done = subprocess.run(
            ["git", *name, *words], cwd=folder, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    write(folder / "envs" / "one" / "spack.lock", lock(PIC))
    write(folder / "envs" / "two" / "spack.lock", lock(node("curl")))
    git("init", "--quiet", ".")
    found = []
    for specs in ((PIC,), (NO_PIC, node("bzip2"))):
        write(folder / "envs" / "one" / "spack.lock", lock(*specs))
        git("add", "envs")
        git("commit", "--quiet", "-m", "envs")
        found.append(git("rev-parse", "HEAD"))
    return folder, *found  # type: ignore[return-value]  # two commits


def environment(folder: Path) -> dict[str, str]:
    """Variables under which the command is the one that is tested, and ``gh`` writes a file."""
    tools = folder.parent / "tools"
    tools.mkdir(exist_ok=True)
    gh = tools / "gh"
    # The first comment of a pull request cannot be edited: there is none.
    gh.write_text('#!/bin/sh\ncase "$*" in *--edit-last*) exit 1;; esac\necho "$*" > "$GH_SAID"\n')
    gh.chmod(0o755)
    paths = [str(tools), str(Path(sys.executable).parent), os.environ["PATH"]]
    return {
        **os.environ,
        "PATH": os.pathsep.join(paths),
        "CACHEGRAPH_STORE": str(folder.parent / "none.db"),
        "GITHUB_STEP_SUMMARY": str(folder.parent / "summary"),
        "GITHUB_OUTPUT": str(folder.parent / "output"),
        "GH_SAID": str(folder.parent / "said"),
    }


class Runner:
    """Runs the steps of a composite action in bash, as GitHub's runner does."""

    def __init__(self, folder: Path, inputs: dict[str, str]) -> None:
        self.folder = folder
        self.action: dict[str, Any] = yaml.safe_load(ACTION.read_text())
        self.inputs: dict[str, str] = {
            name: one["default"] for name, one in self.action["inputs"].items()
        } | inputs
        self.outputs: dict[str, dict[str, str]] = {}

    def value(self, text: str) -> str:
        """A text with its expressions replaced."""
        return re.sub(r"\$\{\{ *([\w.-]+) *\}\}", lambda match: self.expression(match[1]), text)

    def expression(self, name: str) -> str:
        first, *rest = name.split(".")
        if first == "inputs":
            return self.inputs[rest[0]]
        if first == "steps":
            return self.outputs[rest[0]][rest[2]]
        assert name == "github.action_path", name
        return str(ACTION.parent)

    def run(self) -> int:
        """The exit status of the first step that fails, else 0."""
        for step in self.action["runs"]["steps"]:
            condition = step.get("if", "true")
            assert condition in ("true", "inputs.pull-request != ''")
            if condition != "true" and not self.inputs["pull-request"]:
                continue
            variables = {name: self.value(text) for name, text in step["env"].items()}
            command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]]
            done = subprocess.run(
                command, cwd=self.folder, env=environment(self.folder) | variables, check=False
            )
            output = self.folder.parent / "output"
            if "id" in step and output.exists():
                pairs = (line.partition("=") for line in output.read_text().splitlines())
                self.outputs[step["id"]] = {name: value for name, _, value in pairs}
            if done.returncode:
                return done.returncode
        return 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "status"),
    [("", 0), ("--fail-on 'builds>1'", 1), ("--fail-on 'builds>2'", 0), ("--nonsense", 2)],
)
def test_the_action(commits: tuple[Path, str, str], arguments: str, status: int) -> None:
    folder, base, head = commits
    inputs = {"base": base, "head": head, "arguments": arguments, "token": "x"}
    assert Runner(folder, {**inputs, "pull-request": "7"}).run() == status
    said, summary = folder.parent / "said", folder.parent / "summary"
    if status == 2:
        assert not said.exists()
        return
    assert said.read_text().strip() == "pr comment 7 --body-file impact.md"
    text = (folder / "impact.md").read_text()
    assert summary.read_text() == text
    assert text.startswith("### Rebuilds: 1-10\n")
    # zlib without pic, and bzip2; of the other environment nothing changes.
    rows = {line.split(" | ")[0]: line for line in text.splitlines() if line.startswith("| envs-")}
    assert rows["| envs-one"] == "| envs-one | 2 | 0 | 2 | 0 | 0 | 1 | 1 | 1 |"
    assert rows["| envs-two"] == "| envs-two | 1 | 1 | 0 | 0 | 0 | 0 | 0 | 0 |"


@pytest.mark.slow
def test_the_job_for_gitlab(commits: tuple[Path, str, str]) -> None:
    folder, base, head = commits
    readme = (ROOT / "README.md").read_text()
    (text,) = re.findall(r"```yaml\n(impact:\n.*?)```", readme, re.DOTALL)
    job = yaml.safe_load(text)["impact"]
    install, *script = job["script"]
    assert install.startswith("pip install ")
    variables = {"CI_MERGE_REQUEST_DIFF_BASE_SHA": base, "CI_COMMIT_SHA": head}
    for line in script:
        subprocess.run(
            ["bash", "-e", "-c", line],
            cwd=folder,
            env=environment(folder) | variables,
            check=True,
        )
    assert (folder / "impact.md").read_text().startswith("### Rebuilds: 1-10\n")
    assert job["artifacts"]["paths"] == ["impact.md"]
