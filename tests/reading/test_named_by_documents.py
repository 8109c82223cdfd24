"""What documents and redirects may name: no files but below their folder, no private networks."""

import json
import os
import shutil
import socket
from pathlib import Path
from typing import Any

import pytest

import cachegraph
from cachegraph.model.schema import SPEC
from cachegraph.reading import remote
from cachegraph.reading.permission import is_public
from tests.reading import test_remote
from tests.reading.test_addresses import body
from tests.reading.test_remote import Answer, Site
from tests.sources.test_site_data import write_site
from tests.support.corpus import (
    index,
    layout_2,
    layout_3,
    lock,
    manifest_name,
    node,
    view,
    write,
)

# Fixtures: two servers, and a folder of its own for what is kept of each test.
site, other, cache = test_remote.site, test_remote.site, test_remote.cache

ZLIB = node("zlib")
PAGE_OF_2021 = Path(__file__).parents[1] / "fixtures" / "2021" / "_cache" / "adiak" / "index.md"
REFUSED = "an address of a private network"


def listing(*urls: str) -> dict[str, Any]:
    return {"develop": [{"label": f"s{n}", "url": url} for n, url in enumerate(urls)]}


def imported(location: str | Path) -> tuple[list[str], list[str]]:
    """The stacks that come of a location, and the warnings."""
    graph = cachegraph.open(":memory:")
    try:
        warnings = graph.import_(location).warnings
    except cachegraph.CacheGraphError as error:
        return [], [error.message]
    return [row["key"] for row in graph.stacks()["stacks"]], warnings


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "outside" / "index.json"
    write(path, index(ZLIB))
    return path


def moved_to(folder: Path, path: Path) -> None:
    """Moves a file into a folder, and leaves a link to it."""
    folder.mkdir(exist_ok=True)
    path.rename(folder / path.name)
    path.symlink_to(folder / path.name)


# Files


@pytest.mark.parametrize("form", ["file://{}", "file:{}", "{}", "FILE://localhost{}"])
def test_a_fetched_index_names_no_file(site: Site, secret: Path, form: str) -> None:
    for path in (secret, Path("/etc/passwd"), Path("/dev/zero")):
        listed = listing(form.format(path))
        url = site.serve("/site/cache_spack_io_index.json", Answer(body(listed)))
        stacks, (message,) = imported(url)
        assert stacks == []
        assert "may name no file of this machine" in message
        assert "root:" not in message


@pytest.mark.parametrize("path", ["../index.json", "a/../../x", "%2e%2e/index.json", "/x", "//h/x"])
def test_a_fetched_index_names_nothing_above_its_folder(site: Site, path: str) -> None:
    site.serve("/index.json", Answer(body(index(ZLIB))))
    url = site.serve("/site/cache_spack_io_index.json", Answer(body(listing(path))))
    assert imported(url)[0] == []
    assert [asked.path for asked in site.asked] == ["/site/cache_spack_io_index.json"]


@pytest.mark.parametrize("form", ["file://{}", "{}", "../outside/index.json", "linked/index.json"])
def test_a_local_index_names_files_below_its_folder_only(
    tmp_path: Path, secret: Path, form: str
) -> None:
    below = write(tmp_path / "site" / "a" / "index.json", index(ZLIB))
    (tmp_path / "site" / "linked").symlink_to(secret.parent)
    urls = (form.format(secret), f"file://{below}", "a/index.json")
    path = write(tmp_path / "site" / "cache_spack_io_index.json", listing(*urls))
    stacks, warnings = imported(path)
    assert stacks == ["develop/s1", "develop/s2"]
    assert len(warnings) == 1
    assert "not below the folder of" in warnings[0]


def test_a_copy_beside_the_index_does_not_lead_out_either(tmp_path: Path, secret: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "a").symlink_to(secret.parent)
    url = "https://binaries.example/a/index.json"
    path = write(tmp_path / "site" / "cache_spack_io_index.json", listing(url))
    assert "not below the folder of" in imported(path)[1][0]


def test_files_of_build_caches_that_are_links_to_elsewhere(tmp_path: Path) -> None:
    """A blob, a manifest, a spec file: each is named, and the other specs are read."""
    good, away = node("good"), node("away")
    first = layout_3(tmp_path / "first", good)
    (known,) = (first / "blobs" / "sha256").rglob("*/*")
    layout_3(first, away)
    (blob,) = {*(first / "blobs" / "sha256").rglob("*/*")} - {known}
    second = layout_3(tmp_path / "second", good, away)
    third = layout_2(tmp_path / "third", good, away)
    (spec,) = (third / "build_cache").glob("*-away-*.json")
    for cache, path in (
        (first, blob),
        (second, second / "v3" / "manifests" / manifest_name(away)),
        (third, spec),
    ):
        moved_to(tmp_path / "elsewhere", path)
        with cachegraph.open(":memory:") as graph:
            (warning,) = graph.import_(cache).warnings
            assert graph.store.keys(SPEC) == [good["hash"]]
        assert path.name in warning
        assert "a link that leads out of the folder of what names it" in warning


def test_indexes_that_are_links_to_elsewhere(tmp_path: Path) -> None:
    second = view(tmp_path / "mirror", ZLIB, name="second").parents[4]
    moved_to(tmp_path / "elsewhere", view(second, ZLIB))
    stacks, (warning,) = imported(second)
    assert stacks == ["local/second"]
    assert "index.manifest.json: a link that leads out" in warning
    write(tmp_path / "old" / "build_cache" / "index.json", index(ZLIB))
    moved_to(tmp_path / "elsewhere", tmp_path / "old" / "build_cache" / "index.json")
    assert "leads out of the folder" in imported(tmp_path / "old")[1][0]


def test_spec_files_of_a_page_that_are_links(tmp_path: Path) -> None:
    page = tmp_path / "pages" / "adiak"
    shutil.copytree(PAGE_OF_2021.parent, page)
    moved_to(tmp_path / "elsewhere", sorted(page.glob("spec-*.json"))[0])
    warnings = imported(tmp_path / "pages")[1]
    assert any("spec-0.json: listed by the page, but a link that leads out" in w for w in warnings)


def test_names_of_packages_that_are_a_link(tmp_path: Path) -> None:
    write_site(tmp_path / "site", "")
    assert imported(tmp_path / "site" / "specs_data.json")[1] == []
    moved_to(tmp_path / "elsewhere", tmp_path / "site" / "package_data.json")
    (warning,) = imported(tmp_path / "site" / "specs_data.json")[1]
    assert "package_data.json: a link that leads out" in warning


def test_links_that_the_user_names_or_that_stay_inside(tmp_path: Path) -> None:
    cache = layout_3(tmp_path / "mirror", ZLIB)
    (tmp_path / "link").symlink_to(cache)
    path = cache / "v3" / "manifests" / manifest_name(ZLIB)
    os.renames(path, cache / "moved" / path.name)
    path.parent.mkdir(exist_ok=True, parents=True)
    path.symlink_to(cache / "moved" / path.name)
    assert imported(tmp_path / "link") == (["local/root"], [])
    write(tmp_path / "env" / "spack.lock", lock(ZLIB))
    (tmp_path / "linked.lock").symlink_to(tmp_path / "env" / "spack.lock")
    assert imported(tmp_path / "linked.lock") == (["local/linked"], [])


# Addresses


@pytest.mark.parametrize(
    ("host", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("binaries.spack.io", True),
        ("127.0.0.1", False),
        ("127.8.8.8", False),
        ("0.0.0.0", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("::", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("::127.0.0.1", False),
        ("fec0::1", False),
        ("fe80::1%25eth0", False),
        # As inet_aton reads it, or Unicode.
        ("127.1", False),
        ("2130706433", False),
        ("0x7f.1", False),
        ("0177.0.0.1", False),
        ("0", False),
        ("127.0.0.1.", False),
        ("\uff11\uff12\uff17.0.0.1", False),
        ("127\u30020\u30020\u30021", False),
        ("%31%32%37.0.0.1", False),
        ("134744072", True),
        ("8.8.8.8.", True),
        ("1.example", True),
    ],
)
def test_what_is_routed_on_the_internet(host: str, public: bool) -> None:
    assert is_public(host) is public


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/index.json",
        "http://127.0.0.1:1/index.json",
        "http://localhost:1/index.json",
        "http://localhost./index.json",
        "http://a.localhost/index.json",
        "http://[::1]/index.json",
        "http://[::ffff:10.0.0.1]/index.json",
        "https://10.0.0.1/index.json",
        "http://user:SECRET@192.168.0.1/index.json",
    ],
)
def test_addresses_of_private_networks(site: Site, tmp_path: Path, url: str) -> None:
    local = write(tmp_path / "cache_spack_io_index.json", listing(url))
    fetched = site.serve("/cache_spack_io_index.json", Answer(body(listing(url))))
    for place in (local, fetched):
        stacks, (message,) = imported(place)
        assert stacks == []
        assert REFUSED in message
        assert "SECRET" not in message


@pytest.mark.parametrize("host", ["2130706433", "127.1", "0x7f000001", "named.example"])
def test_a_name_that_stands_for_this_machine(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    resolve = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda name, *words, **more: resolve("127.0.0.1", *words, **more)
    )
    site.serve("/a/index.json", Answer(body(index(ZLIB))))
    url = site.url("/a/index.json").replace("127.0.0.1", host)
    local = write(tmp_path / "cache_spack_io_index.json", listing(url))
    stacks, (message,) = imported(local)
    assert stacks == []
    assert REFUSED in message
    assert site.asked == []
    # Whom the user names is asked.
    assert imported(url)[0] == ["local/a"]


NUMBERS = ("127.1", "2130706433", "0x7f000001", "0177.1", "0")
ODD = (
    *NUMBERS,
    "[::ffff:127.0.0.1]",
    "[::127.0.0.1]",
    "127.0.0.1.",
    "127.0.0.1\\@8.8.8.8",
    "169.254.169.254",
    "localhost.",
    "a.localhost.",
)


@pytest.mark.parametrize("host", ODD)
def test_what_a_proxy_is_asked_for(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    """Its peer is the proxy: only the address tells where it leads."""
    monkeypatch.setenv("http_proxy", site.url(""))
    monkeypatch.setenv("https_proxy", site.url(""))
    monkeypatch.setenv("no_proxy", "")
    redirecting = "http://named.example/b/index.json"
    site.serve("http://named.example/a/index.json", Answer(body(index(ZLIB))))
    site.serve(redirecting, Answer(b"", 302, {"Location": f"http://{host}/index.json"}))
    urls = ["http://named.example/a/index.json", redirecting]
    urls += [f"{scheme}://{host}/index.json" for scheme in ("http", "https")]
    local = write(tmp_path / "cache_spack_io_index.json", listing(*urls))
    stacks, warnings = imported(local)
    assert stacks == ["develop/s0"]
    assert len(warnings) == 3
    for warning in warnings:
        assert REFUSED in warning or "not an http or https address" in warning
    assert {asked.path for asked in site.asked} == {*urls[:2]}


@pytest.mark.parametrize("host", [*NUMBERS, "named.example"])
def test_a_redirect_to_a_name_for_this_machine(
    site: Site, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    resolve = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda name, *words, **more: resolve("127.0.0.1", *words, **more)
    )
    with test_remote.Site() as elsewhere:
        target = elsewhere.url("/x.json").replace("127.0.0.1", host)
        url = site.serve("/a/index.json", Answer(b"", 302, {"Location": target}))
        stacks, (message,) = imported(url)
        assert (stacks, elsewhere.asked) == ([], [])
        assert REFUSED in message


def test_its_own_server_may_be_anywhere(site: Site) -> None:
    absolute = site.serve("/elsewhere/index.json", Answer(body(index(ZLIB))))
    url = site.serve("/cache_spack_io_index.json", Answer(body(listing(absolute))))
    assert imported(url) == (["develop/s0"], [])


def test_hosts_that_the_user_allows(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = site.serve("/a/index.json", Answer(body(index(ZLIB))))
    local = write(tmp_path / "cache_spack_io_index.json", listing(url))
    port = site.server_address[1]
    for hosts, expected in (
        ("127.0.0.1", ["develop/s0"]),
        (f"x, 127.0.0.1:{port}", ["develop/s0"]),
        ("*", ["develop/s0"]),
        ("127.0.0.1:1", []),
        ("localhost", []),
    ):
        monkeypatch.setenv("CACHEGRAPH_LOCAL_HOSTS", hosts)
        assert imported(local)[0] == expected


def test_redirects(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with test_remote.Site() as elsewhere:
        target = elsewhere.url("/a/index.json")
        url = site.serve("/a/index.json", Answer(b"", 302, {"Location": target}))
        assert imported(url) == ([], [f"{url}: redirected to {target}: not asked for: {REFUSED}"])
        for other in ("http://169.254.169.254/x", "file:///etc/passwd", "ftp://h/x", "http://[::1"):
            site.serve("/a/index.json", Answer(b"", 302, {"Location": other}))
            (message,) = imported(url)[1]
            assert message.startswith(f"{url}: redirected to {other}: not ")
    site.serve("/b/index.json", Answer(body(index(ZLIB))))
    for own in ("/b/index.json", site.url("/b/index.json")):
        site.serve("/a/index.json", Answer(b"", 302, {"Location": own}))
        assert imported(url)[0] == ["local/a"]


@pytest.mark.parametrize("key", ["../other/x.json", "a/../../other/x.json", "./x.json", ".."])
def test_keys_stay_in_their_bucket(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", site.url(""))
    url = f"s3://bucket/{key}"
    local = write(tmp_path / "cache_spack_io_index.json", listing(url))
    for place in (local, url):
        assert "a key with . or .. as a folder" in imported(place)[1][0]
    assert site.asked == []


@pytest.mark.parametrize("bucket", ["..", ".", ".a", "a..b", "-"])
def test_names_of_buckets(site: Site, monkeypatch: pytest.MonkeyPatch, bucket: str) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", site.url(""))
    assert "the name of a bucket" in imported(f"s3://{bucket}/x.json")[1][0]


def test_a_listing_names_only_what_is_in_its_folder(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", site.url(""))
    page = test_remote.page("a/1", "other/2", "a/../3", prefixes=("a/b/", "a/../", "a/./"))
    site.serve("/bucket/?list-type=2&prefix=a%2F", page)
    site.serve("/bucket/?delimiter=%2F&list-type=2&prefix=a%2F", page)
    assert remote.list_files("s3://bucket/a") == ["s3://bucket/a/1"]
    assert remote.list_folders("s3://bucket/a") == ["b"]


# Pipes and devices


def pipes(folder: Path) -> list[Path]:
    """Folders with a pipe where each kind of document should have a file."""
    (folder / "page").mkdir(parents=True)
    shutil.copy(PAGE_OF_2021, folder / "page")
    mirror = view(folder / "mirror", ZLIB).parents[3]
    manifest = mirror / "v3" / "manifests" / "index" / "index.manifest.json"
    (blob,) = (mirror / "blobs" / "sha256").rglob("*/*")
    for path in (
        folder / "page" / "spec-0.json",
        folder / "installed" / ".spack-db" / "index.json",
        mirror / "v3" / "manifests" / "spec" / "a" / f"a-{'a' * 32}.spec.manifest.json",
        folder / "cache" / "build_cache" / "index.json",
        folder / "env" / "spack.lock",
        blob,
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        os.mkfifo(path)
    second = view(folder / "second", ZLIB).parents[3]
    top = second / "v3" / "manifests" / "index" / "index.manifest.json"
    top.unlink()
    os.mkfifo(top)
    assert manifest.is_file()
    return [path for path in folder.iterdir() if path.is_dir()]


def test_only_files_are_opened(tmp_path: Path) -> None:
    for folder in pipes(tmp_path / "all"):
        stacks, warnings = imported(folder)
        assert stacks == (["local/root"] if folder.name == "mirror" else [])
        expected = (
            "no files in this folder" if folder.name in ("cache", "env") else "not a regular file"
        )
        assert all(expected in warning for warning in warnings), warnings
    good = write(tmp_path / "all" / "good" / "spack.lock", lock(ZLIB))
    (tmp_path / "all" / "zero").mkdir()
    (tmp_path / "all" / "zero" / "spack.lock").symlink_to("/dev/zero")
    assert imported(good.parents[1])[0] == ["local/good", "local/root"]


def test_a_pipe_that_the_user_names_is_read(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as stream:
        stream.write(json.dumps(lock(ZLIB)).encode())
    try:
        stacks, warnings = imported(f"/dev/fd/{reading}")
    finally:
        os.close(reading)
    assert (len(stacks), warnings) == (1, [])
