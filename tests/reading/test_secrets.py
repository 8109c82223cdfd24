"""Passwords and signatures in addresses: they reach the server, and nothing else."""

import json
import sqlite3
from pathlib import Path

import pytest

import cachegraph
from cachegraph.reading import remote
from cachegraph.reading.secrets import hide_addresses, shown_as_typed, without_secrets
from tests.reading import test_remote
from tests.reading.test_addresses import body, run
from tests.reading.test_remote import Answer, Site
from tests.support.corpus import index, lock, node

site, cache = test_remote.site, test_remote.cache

ZLIB = node("zlib")
SIGNED = (
    "X-Amz-Signature=SECRET",
    "X-Amz-Credential=SECRET&X-Amz-Security-Token=SECRET",
    "Signature=SECRET&AWSAccessKeyId=SECRET",
    "sig=SECRET",
    "token=SECRET;raw=true",
    "SECRET",
    "raw=true&unknown=SECRET",
)


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("http://user:SECRET@host/x", "http://host/x"),
        ("http://SECRET@host/x", "http://host/x"),
        ("HTTP://user:SEC/RET@host:80/x", "HTTP://host:80/x"),
        ("http://user:SE@C/RET@host/x", "http://host/x"),
        ("http://user:SE?CRET@host/x?y", "http://host/x?..."),
        ("http://user:SE#CRET@host/x", "http://host/x"),
        ("s3://KEY:SEC/RET@bucket/x", "s3://bucket/x"),
        ("http:/user:SECRET@host/x", "http:/host/x"),
        (" http://user:SECRET@host/x", " http://host/x"),
        ("file://user:SECRET@host/x", "file://host/x"),
        ("http://host/x#SECRET", "http://host/x#..."),
        ("http://host/x?raw=true&sig=SECRET", "http://host/x?raw=true&..."),
        # Digits before a slash are a password if what follows @ may be a host.
        ("http://user:12/34@host/x", "http://...@host/x"),
        ("http://user:12/34@10.0.0.1:80/x@1", "http://...@10.0.0.1:80/x@1"),
        ("https://user:/34@[::1]/x", "https://...@[::1]/x"),
        ("s3://KEY:12/34@bucket/x", "s3://...@bucket/x"),
        ("http://user:12?34@host/x", "http://host/x"),
        ("http://user:12#34@host/x", "http://host/x"),
        ("neo4j+s://user:12/34@host:7687", "neo4j+s://...@host:7687"),
        ("bolt://user:SE@CRET@host", "bolt://host"),
        ("https://user:SE%2FCRET@host", "https://host"),
        (
            "https://acc.blob.core.windows.net/c?sig=SECRET",
            "https://acc.blob.core.windows.net/c?...",
        ),
        ("https://host/x?X-Goog-Signature=SECRET", "https://host/x?..."),
        ("https://host/x?key=SECRET", "https://host/x?..."),
        ("https://host/x#access_token=SECRET", "https://host/x#..."),
        ("https://host/x;jsessionid=SECRET/y", "https://host/x;.../y"),
        ("https://host/x%3Fsig=SECRET", "https://host/x%3F..."),
        # What is no secret stays.
        ("http://host:8080/py@1.2.3/x",) * 2,
        ("http://host:8080/py@1.2/x?raw=true", "http://host:8080/py@1.2/x?raw=true"),
        ("https://host/a/-/raw/main/spack.lock?ref_type=heads",) * 2,
        ("http://[::1]:80/x@y",) * 2,
        ("s3://bucket/py@1.2/x",) * 2,
        ("/a/b?c#d@e",) * 2,
        ("a:b@c",) * 2,
    ],
)
def test_what_is_shown(location: str, shown: str) -> None:
    assert without_secrets(location) == shown
    assert hide_addresses(f"no {location} here") == f"no {shown} here"


@pytest.mark.parametrize("query", SIGNED, ids=range(len(SIGNED)))
def test_no_answer_has_them(site: Site, tmp_path: Path, query: str) -> None:
    """Not the graph, nor what any command prints, nor an export, nor what is cached."""
    store = tmp_path / "graph.db"
    headers = {"ETag": '"1"', "Vary": "Authorization", "Set-Cookie": "a=SECRET"}
    site.serve(f"/env/spack.lock?{query}", Answer(body(lock(ZLIB)), headers=headers))
    plain = site.url(f"/env/spack.lock?{query}")
    url = plain.replace("//", "//user:SECRET@")
    for words in (
        ("import", url),
        ("import", plain, "--json"),
        ("import", url, "--json"),
        ("show", "zlib", "--json"),
        ("verify", "--json"),
        ("info", "--sources", "--json"),
        ("want", "--lock", url, "--json"),
        ("export", str(tmp_path / "out.graphml")),
        ("export", str(tmp_path / "folder"), "--format", "neo4j-admin"),
    ):
        result = run("--store", str(store), *words)
        assert result.exit_code == 0, result.output
        assert "SECRET" not in result.output
    with sqlite3.connect(store) as connection:
        assert "SECRET" not in "".join(connection.iterdump())
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or b"SECRET" not in path.read_bytes(), path
    assert {asked.path for asked in site.asked} == {f"/env/spack.lock?{query}"}
    assert "Authorization" in site.asked[0].headers


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"", 404),
        Answer(b"", 500),
        Answer(b"<html>"),
        Answer(b"{}", length=100),
        Answer(b"", 302, {"Location": "http://user:SECRET@10.0.0.1/x?sig=SECRET"}),
        Answer(b"", 302, {"Location": "/b?sig=SECRET"}),
        Answer(b"", headers={"Content-Encoding": "br"}),
    ],
)
def test_no_error_has_them(site: Site, tmp_path: Path, answer: Answer) -> None:
    site.serve("/a.json?sig=SECRET", answer)
    url = site.url("/a.json?sig=SECRET").replace("//", "//user:SECRET@")
    for words in (("import", url), ("import", url, url + "2"), ("want", "--lock", url)):
        result = run("--store", str(tmp_path / "graph.db"), *words)
        assert result.exit_code == 2
        assert "SECRET" not in result.output


@pytest.mark.parametrize(
    "url",
    [
        "http://user:SEC/RET@127.0.0.1:1/x.json",
        "http://user:SECRET@[::1/x",
        "http://user:SECRET@host:port/x",
        "http://user:SECRET@a..b/x.json",
        "http://user:SECRET@*/x.json",
        "http://user:SECRET@/x.json",
        "s3://KEY:SECRET@bucket/x",
        "s3://KEY:SEC/RET@bucket/x",
        "ftp://user:SEC/RET@host/x",
        "git://SECRET@host/x",
        "file://user:SECRET@host/x",
        "file://user:SECRET@",
        " http://user:SECRET@host/x",
        "http:/user:SECRET@host/x",
    ],
)
def test_no_error_of_an_address_has_them(tmp_path: Path, url: str) -> None:
    for words in (("import", url), ("import", url, "-"), ("want", "--lock", url)):
        result = run("--store", str(tmp_path / "graph.db"), *words)
        assert result.exit_code == 2
        for part in ("SECRET", "SEC/", "RET@"):
            assert part not in result.output


def test_a_proxy_with_a_password(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    port = test_remote.free_port()
    monkeypatch.setenv("http_proxy", f"http://user:SECRET@127.0.0.1:{port}")
    monkeypatch.setenv("no_proxy", "")
    with pytest.raises(cachegraph.FetchError) as caught:
        remote.read("http://somewhere.invalid/a", limit=1)
    assert "SECRET" not in f"{caught.value.message} {caught.value.hint}"


def test_a_site_index_with_secrets(site: Site, tmp_path: Path) -> None:
    site.serve("/a/index.json?sig=SECRET", Answer(body(index(ZLIB))))
    urls = [site.url("/a/index.json?sig=SECRET"), "http://user:SECRET@10.0.0.1/x?sig=SECRET"]
    listed = {"develop": [{"label": str(n), "url": url} for n, url in enumerate(urls)]}
    url = site.serve("/i/cache_spack_io_index.json?sig=SECRET", Answer(body(listed)))
    result = run("--store", str(tmp_path / "graph.db"), "import", url, "--json")
    assert result.exit_code == 0
    assert "SECRET" not in result.output
    (source,) = json.loads(result.stdout)["sources"]
    assert source["location"] == site.url("/a/index.json?...")


def test_addresses_that_look_alike_are_two_documents(site: Site) -> None:
    other = node("curl")
    urls = [
        site.serve(f"/env/spack.lock?id={n}", Answer(body(lock(one))))
        for n, one in enumerate((ZLIB, other))
    ]
    shown = site.url("/env/spack.lock?...")
    with pytest.raises(cachegraph.UsageError) as caught:
        cachegraph.open(":memory:").import_(*urls)
    assert caught.value.message.startswith(f"{shown} and {shown} (2) would both be the stack")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("user:SECRET@host/x", "...@host/x"),
        ("user:SE@CRET@host?sig=SECRET", "...@host?..."),
        ("user:12/SECRET@host", "...@host"),
        ("//user:SECRET@host/x", "...@host/x"),
        ("http:user:SECRET@host/x", "...@host/x"),
        ("http:\\\\user:SECRET@host\\x", "...@host\\x"),
        (" neo4j:/user:SECRET@host", " neo4j:/host"),
        ("http://host/x@y", "http://host/x@y"),
        ("/a:b/c@d", "/a:b/c@d"),
        ("./a:b@c", "./a:b@c"),
        ("git@host:x/y", "git@host:x/y"),
        ("zlib@1.2/spack.lock",) * 2,
    ],
)
def test_what_is_shown_of_what_was_typed(text: str, shown: str, tmp_path: Path) -> None:
    """Where a path is wanted and an address is named, perhaps without its scheme."""
    assert shown_as_typed(text) == shown
    if "SECRET" in text:
        for words in (
            ("import", text),
            ("want", "--lock", text),
            ("--store", text, "stacks"),
            ("--store", text, "info", "--json"),
            ("--store", text, "import", "--sample"),
            ("--store", text, "query", "RETURN 1"),
            ("export", text),
            ("export", text, "--format", "graphml"),
            ("load", text),
            ("load", text, "--replace", "--yes"),
        ):
            result = run("--store", str(tmp_path / "graph.db"), *words)
            assert result.exit_code == 2, words
            assert "SECRET" not in result.output
