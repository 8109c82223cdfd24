"""Locations that are no path: file:// addresses, standard input, and what cannot be read."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import cachegraph
from cachegraph.cli import cli
from cachegraph.reading import locations
from tests.support.corpus import (
    PACK,
    in_each_format,
    index,
    layout_2,
    layout_3,
    lock,
    needs,
    node,
    page,
    spec,
    view,
    write,
)

ZLIB = node("zlib")
CURL = node("curl", needs(ZLIB, "link"))


def stacks(*places: str | Path) -> list[str]:
    graph = cachegraph.open(":memory:")
    assert graph.import_(*places).warnings == []
    return [row["key"] for row in graph.stacks()["stacks"]]


def run(store: Path, *arguments: str, given: bytes | str = b"") -> Result:
    return CliRunner().invoke(cli, ["--store", str(store), *arguments], input=given)


def states(result: Result) -> list[str]:
    """Of each spec of a lock file that was looked for, whether it was found."""
    return [row["state"] for row in json.loads(result.stdout)["specs"]]


# file:// addresses


@pytest.mark.parametrize("start", ["file://", "file://localhost", "FILE://LocalHost", "file:"])
def test_addresses_of_files_and_folders(tmp_path: Path, start: str) -> None:
    mirror = layout_3(tmp_path / "my mirror", ZLIB, CURL)
    view(mirror, ZLIB, name="e4s")
    view(mirror, ZLIB, CURL)
    path = write(mirror / "env" / "spack.lock", lock(CURL))
    for folder in (mirror, f"{mirror}/"):
        expected = ["local/e4s", "local/env", "local/root"]
        assert stacks(f"{start}{folder}") == expected
        assert stacks(f"{start}{str(folder).replace(' ', '%20')}") == expected
    assert stacks(f"{start}{path}") == ["local/env"]


def test_an_address_of_a_mirror_of_layout_2(tmp_path: Path) -> None:
    mirror = layout_2(tmp_path / "50%25#?", ZLIB)
    quoted = str(mirror).replace("%", "%25")
    assert stacks(f"file://{quoted}") == ["local/50%25#?"]
    write(mirror / "build_cache" / "index.json", index(ZLIB))
    assert stacks(f"file://{quoted}/build_cache/index.json") == ["local/50%25#?"]


def test_an_address_and_the_path_are_one_place(tmp_path: Path) -> None:
    path = write(tmp_path / "spack.lock", lock(ZLIB))
    graph = cachegraph.open(":memory:")
    (source,) = graph.import_(path, f"file://{path}").sources
    assert source.location == str(path)


def test_an_address_where_nothing_is(tmp_path: Path) -> None:
    with pytest.raises(cachegraph.FetchError) as caught:
        stacks(f"file://{tmp_path}/not%20there")
    assert str(caught.value) == f"{tmp_path}/not there: no such file or folder"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("file://$spack/mirror", "$spack is a variable"),
        ("file:///$HOME/mirror", "$HOME is a variable"),
        ("file://${SPACK_ROOT}/mirror", "${SPACK_ROOT} is a variable"),
        ("file://mirror/of/mine", "a file of the host mirror"),
        ("file://~/mirror", "a file of the host ~"),
        ("file:///a%00b", "embedded null byte"),
        ("file://", "the path is missing"),
        ("file://localhost", "the path is missing"),
    ],
)
def test_addresses_that_name_no_file_here(address: str, said: str) -> None:
    with pytest.raises(cachegraph.FetchError) as caught:
        stacks(address)
    assert said in str(caught.value)
    assert caught.value.hint


def test_an_address_of_a_lock_file_to_want(tmp_path: Path) -> None:
    path = write(tmp_path / "spack.lock", lock(CURL, ZLIB))
    run(tmp_path / "g", "import", str(path), "--stack", "mine")
    result = run(tmp_path / "g", "want", "--lock", f"file://{path}", "--json")
    assert result.exit_code == 0, result.output
    assert states(result) == ["available", "available"]


# Addresses that cannot be read


@pytest.mark.parametrize(
    ("address", "said", "hint"),
    [
        (
            "oci://oci.example/me/cache",
            "oci:// addresses cannot be read",
            "spack mirror add NAME oci://oci.example/me/cache; spack buildcache list --allarch",
        ),
        (
            "gs://bucket/my/mirror",
            "gs:// addresses cannot be read",
            "https://storage.googleapis.com/bucket/my/mirror",
        ),
        ("ssh://me@host/a/b", "ssh:// addresses cannot be read", "scp -r me@host:/a/b FOLDER"),
        ("sftp://host/a", "sftp:// addresses cannot be read", "scp -r host:/a FOLDER"),
        ("ftp://host/a", "ftp:// addresses cannot be read", "download it"),
        ("AZURE://host/a", "azure:// addresses cannot be read", "download it"),
        ("git+ssh://host/a", "git+ssh:// addresses cannot be read", "download it"),
    ],
)
def test_what_to_do_instead(tmp_path: Path, address: str, said: str, hint: str) -> None:
    for command in (["import", address], ["want", "--lock", address]):
        result = run(tmp_path / "g", *command)
        assert result.exit_code == 2
        assert said in result.stderr
        assert "file://, http(s):// and s3://" in result.stderr
        assert hint in " ".join(result.stderr.split())


@pytest.mark.parametrize("scheme", ["ftp", "oci", "ssh", "gs"])
def test_no_password_is_shown(tmp_path: Path, scheme: str) -> None:
    result = run(tmp_path / "g", "import", f"{scheme}://me:secret@host/a")
    assert result.exit_code == 2
    assert f"{scheme}://me@host/a" in result.stderr
    assert "secret" not in result.output


# Standard input


def encoded(value: Any) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value).encode()


EACH = {**in_each_format(CURL, ZLIB), "find.json": [CURL, ZLIB]}


@pytest.mark.parametrize("name", EACH)
@pytest.mark.parametrize("ending", ["", *PACK])
def test_every_format_from_standard_input(tmp_path: Path, name: str, ending: str) -> None:
    data = PACK.get(ending, bytes)(encoded(EACH[name]))
    result = run(tmp_path / "g", "import", "-", "--json", given=data)
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert answer["specs"] == 2
    assert answer["sources"][0]["location"] == "standard input"
    with cachegraph.open(tmp_path / "g") as graph:
        assert [row["key"] for row in graph.stacks()["stacks"]] == ["local/stdin"]


def test_its_stack_is_the_one_that_is_asked_for(tmp_path: Path) -> None:
    data = encoded(lock(ZLIB))
    run(tmp_path / "g", "import", "-", "--stack", "mine", "--release", "r", given=data)
    with cachegraph.open(tmp_path / "g") as graph:
        assert [row["key"] for row in graph.stacks()["stacks"]] == ["r/mine"]


def test_a_page_names_its_stacks_itself(tmp_path: Path) -> None:
    text = page("zlib", [spec("a", "e4s")], tag="v1.0")
    run(tmp_path / "g", "import", "-", given=text)
    with cachegraph.open(tmp_path / "g") as graph:
        assert [row["key"] for row in graph.stacks()["stacks"]] == ["v1.0/e4s", "v1.0/root"]


def test_a_site_index_from_standard_input_names_no_files(tmp_path: Path) -> None:
    path = write(tmp_path / "a" / "index.json", index(ZLIB))
    listed = {"develop": [{"label": "e4s", "url": f"file://{path}"}]}
    result = run(tmp_path / "g", "import", "-", given=encoded(listed))
    assert result.exit_code == 2
    assert f"file://{path}: standard input may name no file of this machine" in result.stderr


def test_it_may_stand_beside_files_and_is_read_once(tmp_path: Path) -> None:
    path = write(tmp_path / "mine" / "spack.lock", lock(ZLIB))
    result = run(tmp_path / "g", "import", "-", str(path), "-", given=encoded(lock(CURL)))
    assert result.exit_code == 0, result.output
    with cachegraph.open(tmp_path / "g") as graph:
        keys = [row["key"] for row in graph.stacks()["stacks"]]
    assert keys == ["local/mine", "local/stdin"]


def test_a_lock_file_to_want(tmp_path: Path) -> None:
    data = encoded(lock(CURL, ZLIB))
    run(tmp_path / "g", "import", "-", given=data)
    result = run(tmp_path / "g", "want", "--lock", "-", "--json", given=data)
    assert states(result) == ["available", "available"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (b"", "standard input: the file is empty"),
        (b"==> Error: No package matches\n", "standard input: messages of Spack without JSON"),
        (b'{"a": 1}', "standard input: JSON, but none of Spack's"),
        (b"\x1f\x8b\x08", "standard input: truncated gzip"),
        (encoded(lock(ZLIB))[:-9], "standard input: line 1, column "),
    ],
)
def test_bad_input(tmp_path: Path, given: bytes, said: str) -> None:
    result = run(tmp_path / "g", "import", "-", given=given)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.output


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class _Broken(io.StringIO):
    @property
    def buffer(self) -> Any:
        raise OSError(5, "Input/output error")


@pytest.mark.parametrize(
    ("stdin", "said"),
    [
        (_Terminal(), "standard input is a terminal"),
        (_Broken(), "standard input: Input/output error"),
        (None, "standard input is closed"),
    ],
)
def test_nothing_to_read(monkeypatch: pytest.MonkeyPatch, stdin: Any, said: str) -> None:
    monkeypatch.setattr(sys, "stdin", stdin)
    with pytest.raises(cachegraph.CacheGraphError) as caught:
        cachegraph.open(":memory:").import_("-")
    assert said in str(caught.value)
    assert "| cachegraph import -" in str(caught.value.hint)


def test_more_than_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locations, "LARGEST", 2 << 20)
    result = run(tmp_path / "g", "import", "-", given=b"{" * ((2 << 20) + 1))
    assert result.exit_code == 2
    assert "standard input: larger than 2 MiB" in result.stderr


def test_addresses_in_a_site_index(tmp_path: Path) -> None:
    path = write(tmp_path / "a" / "index.json", index(ZLIB))
    addresses = (f"file://{path}", "gs://bucket/b/index.json", "file://host/c/index.json")
    listed = [{"label": f"s{n}", "url": address} for n, address in enumerate(addresses)]
    site = write(tmp_path / "site.json", {"develop": listed})
    graph = cachegraph.open(":memory:")
    warnings = graph.import_(site).warnings
    assert [row["key"] for row in graph.stacks()["stacks"]] == ["develop/s0"]
    assert warnings[0].startswith("gs://bucket/b/index.json: gs:// addresses cannot be read")
    assert warnings[1].startswith("file://host/c/index.json: a file of the host host")
