"""Importing from addresses: a server of our own on the loopback has what the tests lay down."""

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from click.testing import CliRunner, Result

import cachegraph
from cachegraph.cli import cli
from tests.conformance.test_merging import everything
from tests.reading import test_remote
from tests.reading.test_remote import Answer, Site
from tests.support.corpus import (
    index,
    layout_2,
    layout_3,
    lock,
    needs,
    node,
    spec_file,
    view,
    write,
)

# Fixtures: the server, and a folder of its own for what is kept of each test.
site, cache = test_remote.site, test_remote.cache

GCC = node("gcc", external={"path": "/usr", "module": None})
ZLIB = node("zlib", needs(GCC, "build", virtuals=["c"]))
CURL = node("curl", needs(ZLIB))


def body(value: Any) -> bytes:
    return json.dumps(value).encode()


def serve(site: Site, folder: Path, below: str) -> str:
    """Serves all files of a folder; its address."""
    for path in folder.rglob("*"):
        if path.is_file():
            name = quote(f"{below}/{path.relative_to(folder).as_posix()}")
            site.serve(name, Answer(path.read_bytes(), headers={"ETag": f'"{path.name}"'}))
    return site.url(below)


def sizes(*locations: str | Path, **options: Any) -> dict[str, int]:
    graph = cachegraph.open(":memory:")
    assert graph.import_(*locations, **options).warnings == []
    return {row["key"]: row["specs"] for row in graph.stacks()["stacks"]}


def run(*words: str | Path) -> Result:
    result = CliRunner().invoke(cli, [*map(str, words)])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


# What is there


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        ("/e4s-24.11/spack.lock", lock(ZLIB, GCC), "local/e4s-24.11"),
        ("/a/e4s/spack.lock?raw=true", lock(ZLIB, GCC), "local/e4s"),
        ("/e4s%2024/spack.lock", lock(ZLIB, GCC), "local/e4s 24"),
        ("/a/linux-1.2.lock", lock(ZLIB, GCC), "local/linux-1.2"),
        ("/develop/index.json", index(ZLIB, GCC), "local/develop"),
        ("/develop/build_cache/index.json", index(ZLIB, GCC), "local/develop"),
        ("/a/zlib.spec.json", spec_file(ZLIB, GCC), "local/zlib"),
    ],
)
def test_a_file(site: Site, path: str, value: Any, key: str) -> None:
    url = site.serve(path, Answer(body(value)))
    assert sizes(url) == {key: 2}
    assert sizes(url, release="1.0") == {key.replace("local", "1.0"): 2}
    assert sizes(url, release="r", stack="s") == {"r/s": 2}


@pytest.mark.parametrize("encoding", [{}, {"Content-Encoding": "gzip"}])
def test_a_compressed_file(site: Site, encoding: dict[str, str]) -> None:
    packed = Answer(gzip.compress(body(lock(ZLIB, GCC))), headers=encoding)
    assert sizes(site.serve("/env/spack.lock.gz", packed)) == {"local/env": 2}
    assert sizes(site.serve("/env/spack.lock", packed)) == {"local/env": 2}


@pytest.mark.parametrize("beside", [True, False])
def test_site_data_with_the_packages_beside_it(site: Site, beside: bool) -> None:
    hash_ = ZLIB["hash"]
    specs = {hash_: {"hash": hash_, "version": "1.3", "stacks": ["e4s"], "releases": ["develop"]}}
    url = site.serve("/api/specs_data.json.gz", Answer(gzip.compress(body(specs))))
    if beside:
        packages = {"zlib": {"uid": "zlib", "specs": {"develop": [hash_]}}}
        site.serve("/api/package_data.json.gz", Answer(gzip.compress(body(packages))))
    graph = cachegraph.open(":memory:")
    assert graph.import_(url).warnings == []
    (found,) = graph.show(f"/{hash_}")["specs"]
    assert found.get("package") == ("zlib" if beside else None)
    assert found["stacks"] == ["develop/e4s"]


@pytest.mark.parametrize("end", ["", "/"])
@pytest.mark.parametrize("name", ["e4s", "v1.0"])
def test_a_mirror_of_layout_2(site: Site, tmp_path: Path, name: str, end: str) -> None:
    mirror = layout_2(tmp_path / "m", CURL)
    write(mirror / "build_cache" / "index.json", index(ZLIB, CURL, outside=[GCC]))
    url = serve(site, mirror, f"/develop/{name}")
    # Many servers show what is in a folder.
    for path in (f"/develop/{name}", f"/develop/{name}/", f"/develop/{name}/build_cache"):
        site.serve(path, Answer(b"<html>"))
    for place in (f"{url}{end}", f"{url}/build_cache{end}"):
        assert sizes(place) == {f"local/{name}": 2}


def test_a_mirror_of_layout_3(site: Site, tmp_path: Path) -> None:
    mirror = layout_3(tmp_path / "m", CURL, ZLIB)
    view(mirror, CURL, ZLIB, outside=[GCC])
    view(mirror, ZLIB, name="e4s", outside=[GCC])
    url = serve(site, mirror, "/develop")
    # Plain http cannot list the views; the address of one names it.
    assert sizes(url) == sizes(f"{url}/v3") == {"local/root": 2}
    assert sizes(f"{url}/v3/manifests/index/e4s/index.manifest.json") == {"local/e4s": 1}
    assert sizes(f"{url}/v3/manifests/index/index.manifest.json") == {"local/root": 2}
    (manifest,) = (mirror / "v3" / "manifests" / "spec" / "zlib").iterdir()
    stem = manifest.name.removesuffix(".spec.manifest.json")
    assert sizes(f"{url}/v3/manifests/spec/zlib/{manifest.name}") == {f"local/{stem}": 1}


def test_views_of_s3(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", site.url(""))
    mirror = layout_3(tmp_path / "m", CURL, ZLIB)
    view(mirror, CURL, ZLIB, outside=[GCC])
    view(mirror, ZLIB, name="e4s", outside=[GCC])
    view(mirror, CURL, name="hep", outside=[GCC, ZLIB])
    serve(site, mirror, "/bucket/develop")
    prefix = "develop%2Fv3%2Fmanifests%2Findex%2F"
    listed = test_remote.page(
        prefixes=("develop/v3/manifests/index/e4s/", "develop/v3/manifests/index/hep/")
    )
    site.serve(f"/bucket/?delimiter=%2F&list-type=2&prefix={prefix}", listed)
    expected = {"local/root": 2, "local/e4s": 1, "local/hep": 1}
    assert sizes("s3://bucket/develop") == expected
    assert sizes("s3://bucket/develop/v3/") == expected


def test_a_bucket_without_an_index(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", site.url(""))
    mirror = layout_3(tmp_path / "m", CURL, ZLIB)
    serve(site, mirror, "/bucket/m")
    specs = mirror / "v3" / "manifests" / "spec"
    keys = [f"m/{path.relative_to(mirror)}" for path in specs.rglob("*.json")]
    for prefix in ("m/v3/manifests/index/", "m/build_cache/", "m/"):
        site.serve(f"/bucket/?list-type=2&prefix={quote(prefix, safe='')}", test_remote.page())
    listed = quote("m/v3/manifests/spec/", safe="")
    site.serve(f"/bucket/?list-type=2&prefix={listed}", test_remote.page(*keys))
    assert len(keys) == 2
    assert sizes("s3://bucket/m") == {"local/root": 2}


def serve_stale_mirror(site: Site, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Serves a mirror whose index lacks curl; returns the keys of its spec manifests."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", site.url(""))
    mirror = layout_3(folder / "m", CURL, ZLIB)
    view(mirror, ZLIB, outside=[GCC])
    serve(site, mirror, "/bucket/m")
    prefix = quote("m/v3/manifests/index/", safe="")
    site.serve(f"/bucket/?delimiter=%2F&list-type=2&prefix={prefix}", test_remote.page())
    return [f"m/{path.relative_to(mirror)}" for path in mirror.rglob("*.spec.manifest.json")]


def test_a_bucket_with_a_stale_index(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = serve_stale_mirror(site, tmp_path, monkeypatch)
    # A bucket that only gives its files is not compared with its index.
    assert sizes("s3://bucket/m") == {"local/root": 1}
    prefix = quote("m/v3/manifests/spec/", safe="")
    site.serve(f"/bucket/?list-type=2&prefix={prefix}", test_remote.page(*listed))
    graph = cachegraph.open(":memory:")
    (warning,) = graph.import_("s3://bucket/m").warnings
    assert f"the index lacks 1 spec with a manifest, curl/{CURL['hash'][:7]}: " in warning
    assert [(row["specs"], row["sized"]) for row in graph.stacks()["stacks"]] == [(2, 1)]


def test_a_site_index(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checksum = "0123456789abcdef" * 4
    listed = {
        "develop": [
            {
                "label": "root",
                "url": site.serve("/r/build_cache/index.json", Answer(body(index(CURL, ZLIB)))),
            },
            {
                "label": "e4s",
                "url": site.serve(
                    f"/blobs/sha256/01/{checksum}", Answer(gzip.compress(body(index(ZLIB))))
                ),
            },
        ],
        "v1.0": [{"label": "root", "url": site.url("/missing/index.json")}],
    }
    local = write(tmp_path / "cache_spack_io_index.json", listed)
    monkeypatch.setenv("CACHEGRAPH_LOCAL_HOSTS", "127.0.0.1")  # for the local index
    for place in (str(local), site.serve("/cache_spack_io_index.json", Answer(body(listed)))):
        graph = cachegraph.open(":memory:")
        (warning,) = graph.import_(place).warnings
        assert warning == f"{site.url('/missing/index.json')}: 404 Not Found"
        found = {row["key"]: row["specs"] for row in graph.stacks()["stacks"]}
        assert found == {"develop/root": 2, "develop/e4s": 1}


def test_a_site_index_with_addresses_below_its_own(site: Site) -> None:
    site.serve("/site/a/index.json", Answer(body(index(ZLIB))))
    listed = {"develop": [{"label": "root", "url": "a/index.json"}]}
    url = site.serve("/site/cache_spack_io_index.json", Answer(body(listed)))
    assert sizes(url) == {"develop/root": 1}


def test_a_file_without_ending(site: Site) -> None:
    url = site.serve("/a/e4s", Answer(body(lock(ZLIB, GCC))))
    assert sizes(url) == {"local/e4s": 2}


# What is not


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(b"<html>", 404), "404 Not Found"),
        (Answer(b"<html>", 403), "403 Forbidden"),
        (Answer(b"", 500), "500 Internal Server Error"),
        (Answer(body(lock(ZLIB))[:50], length=500), "broke off: "),
        (Answer(b"<!DOCTYPE html><html></html>"), "HTML or XML, not JSON"),
        (Answer(body(lock(ZLIB))[:-5]), "not JSON: "),
        (Answer(gzip.compress(body(lock(ZLIB)))[:-9]), "truncated gzip"),
        (Answer(b""), "the file is empty"),
    ],
)
def test_a_file_that_does_not_come(site: Site, tmp_path: Path, answer: Answer, said: str) -> None:
    store = tmp_path / "graph.db"
    good = site.serve("/good/spack.lock", Answer(body(lock(GCC))))
    assert run("import", good, "--store", store).exit_code == 0
    url = site.serve("/env/spack.lock", answer)
    result = run("import", url, "--store", store)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"Error: {url}: ")
    assert said in result.stderr
    # Beside a good one it is a warning, and nothing is lost.
    result = run("import", url, good, "--store", store, "--json")
    assert result.exit_code == 0
    assert [row["key"] for row in cachegraph.open(store).stacks()["stacks"]] == ["local/good"]
    assert result.stderr.startswith(f"Warning: {url}: ")


def test_an_index_that_does_not_come(site: Site) -> None:
    good = site.serve("/good/spack.lock", Answer(body(lock(GCC))))
    url = site.url("/missing/site.json")
    (warning,) = cachegraph.open(":memory:").import_(url, good).warnings
    assert warning == f"{url}: 404 Not Found"


def test_a_server_that_is_silent(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CACHEGRAPH_TIMEOUT", "0.1")
    url = site.serve("/env/spack.lock", Answer(silent=True))
    with pytest.raises(cachegraph.FetchError, match=r"timed out after 0.1 s without bytes"):
        cachegraph.open(":memory:").import_(url)


def test_a_folder_that_is_no_build_cache(site: Site) -> None:
    with pytest.raises(cachegraph.FetchError) as caught:
        cachegraph.open(":memory:").import_(site.url("/nothing"))
    assert caught.value.message == f"{site.url('/nothing')}: neither a file nor a build cache"
    assert f"{site.url('/nothing')}/build_cache/index.json" in (caught.value.hint or "")


def test_a_blob_that_was_cut_or_is_not_there(site: Site, tmp_path: Path) -> None:
    url = serve(site, view(tmp_path / "m", ZLIB, GCC).parents[3], "/m")
    (blob,) = [path for path in site.answers if "/blobs/" in path]
    whole = site.answers[blob][0].body
    site.serve(blob, Answer(whole[:-9]))
    top = f"{url}/v3/manifests/index/index.manifest.json"
    with pytest.raises(cachegraph.FormatError, match="its blob has another checksum") as caught:
        cachegraph.open(":memory:").import_(url)
    assert caught.value.message.startswith(f"{top}: ")
    del site.answers[blob]
    with pytest.raises(cachegraph.FetchError, match="404 Not Found"):
        cachegraph.open(":memory:").import_(url)


# Again


def test_what_did_not_change_is_not_sent_again(
    site: Site, graph: cachegraph.Graph, tmp_path: Path
) -> None:
    mirror = layout_3(tmp_path / "m", CURL, ZLIB)
    view(mirror, CURL, ZLIB, outside=[GCC])
    url = serve(site, mirror, "/m")
    graph.import_(url)
    before = everything(graph)
    site.asked.clear()
    summary = graph.import_(url)
    assert (summary.specs, summary.kept, summary.removed, summary.conflicts) == (3, 0, 0, 0)
    assert everything(graph) == before
    got = [asked for asked in site.asked if asked.method == "GET"]
    assert len(got) == 2  # the manifest and the blob, once each
    assert all(asked.headers["If-None-Match"] for asked in got)


def test_what_changed_comes(site: Site, graph: cachegraph.Graph) -> None:
    url = site.serve(
        "/env/spack.lock", Answer(body(lock(CURL, ZLIB, GCC)), headers={"ETag": '"1"'})
    )
    graph.import_(url)
    site.serve("/env/spack.lock", Answer(body(lock(ZLIB, GCC)), headers={"ETag": '"2"'}))
    assert graph.import_(url).removed == 1
    assert graph.stacks()["stacks"][0]["specs"] == 2


def test_files_and_addresses_in_one_import(site: Site, tmp_path: Path) -> None:
    local = write(tmp_path / "env" / "spack.lock", lock(ZLIB, GCC))
    url = site.serve("/other/spack.lock", Answer(body(lock(CURL, ZLIB, GCC))))
    assert sizes(local, url) == {"local/env": 2, "local/other": 3}
    clash = site.serve("/env/spack.lock", Answer(body(lock(GCC))))
    with pytest.raises(cachegraph.UsageError) as caught:
        cachegraph.open(":memory:").import_(local, clash)
    assert caught.value.message.startswith(f"{local} and {clash} would both be the stack local/env")


# While a server sends


def test_nothing_is_fetched_in_the_transaction(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also not what a stale index lacks, which is known only when it is read."""
    keys = serve_stale_mirror(site, tmp_path, monkeypatch)
    prefix = quote("m/v3/manifests/spec/", safe="")
    site.serve(f"/bucket/?list-type=2&prefix={prefix}", test_remote.page(*keys))
    graph = cachegraph.open(":memory:")
    writing = type(graph.store).writing
    asked: list[int] = []

    @contextmanager
    def counting(store: Any) -> Iterator[None]:
        with writing(store):
            before = len(site.asked)
            yield
            asked.append(len(site.asked) - before)

    monkeypatch.setattr(type(graph.store), "writing", counting)
    listed = {"develop": [{"label": "gone", "url": site.url("/missing/index.json")}]}
    index_url = site.serve("/cache_spack_io_index.json", Answer(body(listed)))
    lock_url = site.serve("/env/spack.lock", Answer(body(lock(GCC))))
    warnings = graph.import_(
        "s3://bucket/m", index_url, lock_url, site.url("/missing/spack.lock")
    ).warnings
    assert asked == [0]
    assert len(warnings) == 3
    paths = [asked.path for asked in site.asked if asked.method == "GET"]
    assert len(paths) == len({*paths})


def test_others_import_while_a_server_is_slow(site: Site, tmp_path: Path) -> None:
    url = site.serve("/env/spack.lock", Answer(body(lock(ZLIB)), silent=True))
    local = write(tmp_path / "mine" / "spack.lock", lock(GCC))
    store = tmp_path / "graph.db"
    slow = threading.Thread(target=lambda: run("import", url, "--store", store), daemon=True)
    slow.start()
    site.wait_for(1)
    assert run("import", local, "--store", store, "--wait", "0").exit_code == 0
    site.ended.set()
    slow.join()
