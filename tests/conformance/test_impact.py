"""What a change rebuilds, on every store; every answer is worked out by hand.

old                              new
app@1 -> zlib@1 (pic)            app@1 -> zlib@1 (no pic)      rebuilt only, because of zlib
curl@1                           curl@2                        changed its version
gone@1                           came@1                        gone, came
glibc@2 external                 glibc@3 external              no build
                                 tool@1 -> zlib@1 (pic)        also in the cache
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import cachegraph
from cachegraph.cli import cli
from cachegraph.questions.impact import bucket
from tests.support.corpus import lock, node, write

Load = Callable[..., cachegraph.Graph]


def use(spec: dict[str, Any]) -> dict[str, Any]:
    parameters = {"deptypes": ["build", "link"], "virtuals": []}
    return {"name": spec["name"], "hash": spec["hash"], "parameters": parameters}


def variant(**values: Any) -> dict[str, Any]:
    return {"parameters": {"build_system": "cmake", **values}}


PIC, NO_PIC = (node("zlib", **variant(pic=pic)) for pic in (True, False))
APP, NEW_APP = node("app", use(PIC)), node("app", use(NO_PIC))
TOOL = node("tool", use(PIC))
CURL, NEW_CURL = node("curl", version="1"), node("curl", version="2")
GONE, CAME = node("gone"), node("came")
LIBC, NEW_LIBC = (
    node("glibc", version=v, external={"path": "/usr", "module": None}) for v in ("2", "3")
)
OLD = (APP, PIC, CURL, GONE, LIBC)
NEW = (NEW_APP, NO_PIC, NEW_CURL, CAME, NEW_LIBC, TOOL, PIC)


def roots(*specs: dict[str, Any]) -> dict[str, Any]:
    return {"roots": [{"hash": one["hash"], "spec": one["name"]} for one in specs]}


@pytest.fixture
def change(tmp_path: Path) -> Path:
    """The sides, and a cache that has the tool and what it needs."""
    write(tmp_path / "1" / "env" / "spack.lock", lock(*OLD, **roots(APP, CURL, GONE)))
    write(tmp_path / "2" / "env" / "spack.lock", lock(*NEW, **roots(NEW_APP, NEW_CURL, TOOL)))
    write(tmp_path / "built" / "cache" / "spack.lock", lock(TOOL, PIC))
    return tmp_path


def test_counts(load: Load, change: Path) -> None:
    graph = load(change)
    found = graph.impact("1/env", "2/env", stacks="built/cache")
    counts = {
        "specs": 7,
        "kept": 1,  # zlib +pic
        "builds": 4,  # app, zlib ~pic, curl@2, came
        "cached": 1,  # the tool
        "rebuilt": 1,  # app
        "changed": 2,  # curl, glibc
        "added": 3,  # zlib ~pic, came, tool
        "removed": 4,  # app, curl, gone, glibc
        "near_duplicates": 0,
        "bucket": "1-10",
        "caches": ["built/cache"],
        "failed": [],
    }
    assert {name: found[name] for name in counts} == counts  # type: ignore[literal-required]
    assert [row["package"] for row in found["new_specs"]] == ["app", "came", "curl", "zlib"]
    assert found["versions"] == [
        {"package": "curl", "from": ["1"], "to": ["2"]},
        {"package": "glibc", "from": ["2"], "to": ["3"]},
    ]
    (cause,) = found["causes"]
    assert (cause["package"], cause["left"], cause["right"]) == ("zlib", "+pic", "~pic")
    (stack,) = found["stacks"]
    assert (stack["stack"], stack["old"], stack["new"]) == ("env", "1/env", "2/env")
    assert [(row["package"], row["change"]) for row in stack["roots"]] == [
        ("curl", "version"),
        ("gone", "went"),
        ("tool", "came"),
    ]
    without = graph.impact("1/env", "2/env")
    assert (without["builds"], without["cached"], without["caches"]) == (5, 0, [])


def test_new_near_duplicates_and_their_pins(load: Load, tmp_path: Path) -> None:
    """The new side has app twice; the cache has one of them, which needs zlib +pic."""
    write(tmp_path / "1" / "env" / "spack.lock", lock(CURL))
    write(tmp_path / "2" / "env" / "spack.lock", lock(CURL, NEW_APP, NO_PIC))
    write(tmp_path / "built" / "cache" / "spack.lock", lock(APP, PIC))
    graph = load(tmp_path)
    found = graph.impact("1/env", "2/env", stacks="cache", fail_on=["new-duplicates>0"])
    (row,) = found["new_duplicates"]
    assert (row["package"], row["hash"], row["like"]) == ("app", NEW_APP["hash"], APP["hash"])
    assert row["pins"] == ["zlib +pic"]
    assert found["failed"] == ["new-duplicates>0"]
    alone = graph.impact("1/env", "2/env", fail_on=["new-duplicates>0", "builds>=2", "builds>2"])
    assert (alone["new_duplicates"], alone["failed"]) == ([], ["builds>=2"])


def test_releases_are_compared_stack_by_stack(load: Load, tmp_path: Path) -> None:
    write(tmp_path / "1" / "a" / "spack.lock", lock(APP, PIC))
    write(tmp_path / "1" / "b" / "spack.lock", lock(CURL))
    write(tmp_path / "2" / "a" / "spack.lock", lock(NEW_APP, NO_PIC))
    write(tmp_path / "2" / "c" / "spack.lock", lock(NEW_APP, NO_PIC, CURL))
    found = load(tmp_path).impact("1", "2")
    # Over both stacks: app and zlib are new, and curl is kept, in another stack.
    assert (found["builds"], found["kept"], found["specs"]) == (2, 1, 3)
    rows = [(row["stack"], row["builds"], row["kept"], row["removed"]) for row in found["stacks"]]
    assert rows == [("a", 2, 0, 2), ("b", 0, 0, 1), ("c", 3, 0, 0)]
    assert [("old" in row, "new" in row) for row in found["stacks"]] == [
        (True, True),
        (True, False),
        (False, True),
    ]


def test_buckets() -> None:
    bounds = {0: "0", 1: "1-10", 10: "1-10", 11: "11-100", 100: "11-100", 101: "101-500"}
    bounds |= {500: "101-500", 501: "501-1000", 1001: "1001-2500", 2501: "2501-5000"}
    bounds |= {5000: "2501-5000", 5001: "5001+", 10**6: "5001+"}
    assert {number: bucket(number) for number in bounds} == bounds


# The command.


def run(*words: str) -> Any:
    return CliRunner().invoke(cli, [*words, "--store", "none.db"])


@pytest.fixture
def here(change: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(change)
    return change


def test_exit_status(here: Path) -> None:
    same = ["impact", "./1/env", "./1"]
    assert run(*same, "--exit-code").exit_code == 0
    change = ["impact", "./1/env", "./2/env"]
    assert run(*change).exit_code == 0
    assert run(*change, "--exit-code").exit_code == 1
    assert run(*change, "--fail-on", "builds>100").exit_code == 0
    assert run(*change, "--fail-on", "builds>4").exit_code == 1
    wrong = run(*change, "--fail-on", "nonsense>4")
    assert (wrong.exit_code, "not a threshold" in wrong.stderr) == (2, True)


def test_markdown_and_json_have_the_same_figures(here: Path) -> None:
    words = ["impact", "./1/env", "./2/env"]
    answer = json.loads(run(*words, "--json").stdout)
    text = run(*words, "--markdown").stdout
    assert f"### Rebuilds: {answer['bucket']}" in text
    assert f"{answer['builds']} new builds" in text
    assert f"<summary>New builds: {answer['builds']}</summary>" in text
    assert text.count("<details>") == text.count("</details>") == 4


def test_a_comment_is_never_too_long(here: Path) -> None:
    many = [node(f"package-{number:04}" + "x" * 200) for number in range(3000)]
    write(here / "many" / "spack.lock", lock(*many))
    text = run("impact", "./1/env", "./many", "--markdown").stdout
    assert len(text) < 65_536
    assert text.count("<details>") == text.count("</details>")
    assert " more\n" in text


def test_names_do_nothing_in_a_comment(here: Path) -> None:
    nasty = "<img src=x>|`\n### x"
    write(
        here / "odd" / "spack.lock", lock(node("a", version=nasty), node("b", **variant(x=nasty)))
    )
    text = run("impact", "./1/env", "./odd", "--markdown").stdout
    assert "<img" not in text
    assert "\n### x" not in text
