"""What pages say and where they lead, on the sample and on small environments."""

import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner

import cachegraph
from cachegraph.cli import cli
from cachegraph.web.addresses import (
    overlap_address,
    package_address,
    release_address,
    segment,
    spec_address,
    stack_address,
    why_address,
)
from tests.support.corpus import lock, node, write
from tests.support.html import Elements
from tests.support.pages import Served, links, serving

ARCH = {"platform": "linux", "platform_os": "ubuntu22.04"}
MPI4PY = "2feova4"
CMAKE, OTHER_CMAKE = "kc2bmnxdgu2ahmxejsd57h4jsrzxsfr6", "tqdtzdzbtouu4ta2q5qxom345ua563b3"
CPU, CUDA = "e4s-24.11/gcc-cpu", "e4s-24.11/gcc-cuda"
# Without parameters; of the specs and the why of them two.
PAGES = (
    "/",
    "/packages/",
    "/questions/",
    package_address("py-mpi4py"),
    spec_address(CMAKE),
    release_address("develop"),
    release_address("e4s-24.11", "package"),
    stack_address(CPU),
    *(stack_address(CUDA, one) for one in ("specs", "unique", "duplicates", "causes", "changes")),
    overlap_address(CPU, CUDA),
    why_address(CMAKE, OTHER_CMAKE),
    *(f"/{one}/" for one in ("blame", "what-if", "matrix", "shared", "coverage", "verify")),
    "/search/?q=zlib-ng%2Bopt",
)


def text(served: Served, path: str) -> str:
    return " ".join(" ".join(served.page(path).text).split())


def crawl(served: Served) -> Iterator[tuple[str, requests.Response]]:
    """The pages and documents that can be reached, each once; of each kind no more than some."""
    left, seen, kinds = ["/"], {"/"}, Counter[str]()
    while left:
        path = left.pop()
        response = served.get(path)
        yield path, response
        if response.status_code == 200 and "html" in response.headers["content-type"]:
            page = Elements(response.content.decode())
            for one in links(page, served.address + path[1:]) - seen:
                kind = re.sub(r"[^/]*$", "", one) if "?" in one else one.split("/")[1]
                kinds[kind] += 1
                if kinds[kind] < 100:
                    seen.add(one)
                    left.append(one)


def test_pages_can_be_reached_and_are_whole(served: Served, sample_store: Path) -> None:
    seen = set()
    for path, response in crawl(served):
        seen.add(path)
        # The document of a question that lacks a parameter is an error.
        assert response.status_code in (200, 302) or "json" in path, path
        assert str(sample_store.parent) not in response.text
        if response.status_code == 200 and "json" not in path:
            page = served.page(path)
            assert len(page.of("h1")) == 1, path
            ids = [one["id"] for _, one in page.found if "id" in one]
            assert len(ids) == len({*ids}), path
    assert {*PAGES[:8], "/what-if/", "/blame/"} <= seen


@pytest.mark.parametrize("path", PAGES)
def test_each_page_has_a_document(served: Served, sample_store: Path, path: str) -> None:
    page = served.page(path)
    (twin,) = [one["href"] for one in page.of("link") if one.get("rel") == "alternate"]
    before, _, query = path.partition("?")
    response = served.get(f"{before}{twin}")
    assert response.headers["content-type"] == "application/json"
    assert isinstance(response.json(), dict)
    assert str(sample_store.parent) not in response.text
    assert str(twin) == "index.json" + ("?" + query if query else "")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (overlap_address(CPU, CUDA), ("overlap", CPU, CUDA)),
        (package_address("zlib-ng"), ("find", "zlib-ng")),
        (spec_address(CMAKE), ("show", f"/{CMAKE}")),
        (stack_address(CPU), ("show", CPU)),
        (stack_address(CUDA, "unique"), ("unique", CUDA)),
        (stack_address(CUDA, "changes"), ("diff", "e4s-24.02/gcc-cuda", CUDA)),
        (why_address(CMAKE, OTHER_CMAKE), ("why", f"/{CMAKE}", f"/{OTHER_CMAKE}")),
        ("/blame/?release=e4s-24.11", ("blame", "--release", "e4s-24.11")),
        (f"/overlap/?stacks={CPU}&stacks={CUDA}", ("overlap", CPU, CUDA)),
        (f"/overlap/?stacks={CPU}+{CUDA}", ("overlap", CPU, CUDA)),
        ("/matrix/?level=package", ("matrix", "--level", "package")),
        ("/what-if/?pins=zlib-ng+%2Bnew_strategies&release=e4s-24.11",
         ("what-if", "zlib-ng +new_strategies", "--release", "e4s-24.11")),
    ],
)  # fmt: skip
def test_documents_are_those_of_the_commands(
    served: Served, sample_store: Path, path: str, words: tuple[str, ...]
) -> None:
    before, _, query = path.partition("?")
    found = served.get(f"{before}index.json?{query}").json()
    printed = CliRunner().invoke(cli, [*words, "--json", "--store", str(sample_store)])
    answer = json.loads(printed.stdout)
    # A page and a command write one spec in two ways: the whole hash, and as it was typed.
    for one in (found, answer):
        one.pop("spec", None)
    assert found == answer


def test_figures_of_the_first_page(served: Served) -> None:
    found = text(served, "/")
    assert "46 packages 466 specs 17 stacks 3 releases" in found
    page = served.page("/")
    (cell,) = [
        one["title"]
        for one in page.of("a")
        if one["href"] == "/overlap/develop/ml-linux-x86_64-cpu/develop/ml-linux-x86_64-cuda/"
    ]
    assert cell == "ml-linux-x86_64-cpu and ml-linux-x86_64-cuda: 63, Jaccard index 0.6117"


def test_old_addresses_lead_to_ours(served: Served) -> None:
    for old, new in {
        "/package/develop/py-mpi4py/specs/": "/package/py-mpi4py/?release=develop",
        "/package/develop/py-mpi4py/": "/package/py-mpi4py/?release=develop",
        "/tag/develop/": "/release/develop/",
        "/tag/develop/?stack=e4s": "/stack/develop/e4s/",
    }.items():
        response = served.get(old)
        assert (response.status_code, response.headers["location"]) == (302, new)
        assert served.get(new).status_code == 200
    assert served.get("/package/zlib-ng").headers["location"] == "/package/zlib-ng/"
    assert served.get("/spec/kc2bmnx.json").json()["specs"][0]["hash"] == CMAKE


def test_search_goes_to_what_is_named(served: Served) -> None:
    for query, address in {
        "zlib-ng": "/package/zlib-ng/",
        "/kc2bmnx": f"/spec/{CMAKE}/",
        CPU: "/stack/e4s-24.11/gcc-cpu/",
    }.items():
        assert served.get(f"/search/?q={query}").headers["location"] == address
    # By hand: of the three zlib-ng two are 2.2.1.
    found = text(served, "/search/?q=zlib-ng%402.2.1")
    assert "2 specs fit" in found
    complete = served.get("/complete.json?q=zlib").json()
    assert complete == [["zlib-ng", "package", "/package/zlib-ng/"]]
    hashes = served.get("/complete.json?q=/kc2b").json()
    assert hashes == [[f"/{CMAKE}", "hash", f"/spec/{CMAKE}/"]]


def test_what_is_wrong_is_said(served: Served) -> None:
    for path, status, words in [
        ("/package/nothing/", 404, "no package nothing"),
        ("/spec/aaaaaaa/", 404, "aaaaaaa"),
        ("/stack/develop/nothing/", 404, "nothing"),
        ("/nothing/at/all/", 404, "no page"),
        ("/matrix/?level=x", 200, "x"),
        ("/package/zlib-ng/?page=x", 200, "not a number"),
    ]:
        response = served.get(path)
        assert (response.status_code, words in response.text) == (status, True), path


def test_pages_of_long_tables(served: Served) -> None:
    # All 390 specs of develop/root are 200 on a page, and 190.
    path = "/stack/develop/root/specs/"
    first = served.page(path)
    assert len(first.of("tr")) == 1 + 200
    (following,) = [str(one["href"]) for one in first.of("a") if one.get("rel") == "next"]
    second = served.page(following.replace("&amp;", "&"))
    assert len(second.of("tr")) == 1 + 190
    assert [one for one in second.of("a") if one.get("rel") == "next"] == []


# Small environments, of which the facets are known by hand.


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Specs with names and values that a page must not obey."""
    folder = tmp_path_factory.mktemp("odd")
    specs = [
        node("zlib", version="1", arch={**ARCH, "target": "x86_64"}),
        node("zlib", version="1"),
        node("zlib", version="2"),
        node("zlib", version="<script>alert(1)</script>"),
        node('"onload="x', version="\u202eevil"),
        node("<b>bold</b>", version="1"),
    ]
    write(folder / "envs" / "one" / "spack.lock", lock(*specs[:3]))
    write(folder / "envs" / "<i>two'&" / "spack.lock", lock(*specs[2:]))
    with cachegraph.open(folder / "graph.db") as graph:
        graph.import_(folder / "envs")
    return folder / "graph.db"


def test_facets_are_exact(odd: Path) -> None:
    with serving(odd) as served:
        counts = {
            "": "4 specs",
            "target=x86_64": "1 of 4 specs",
            "target=x86_64_v3": "3 of 4 specs",
            "target=x86_64_v3&version=1": "1 of 4 specs",
            "target=x86_64_v3&target=x86_64&version=1": "2 of 4 specs",
            "stack=local/one": "3 of 4 specs",
            "version=9": "0 of 4 specs",
        }
        for query, summary in counts.items():
            assert summary in text(served, f"/package/zlib/?{query}"), query
        page = served.page("/package/zlib/?target=x86_64")
        shown = {str(one["href"]) for one in page.of("a") if one.get("aria-current")}
        assert shown == {"/package/zlib/"}


def test_nothing_in_the_data_is_obeyed(odd: Path) -> None:
    with serving(odd) as served:
        seen = set()
        for path, response in crawl(served):
            seen.add(path)
            if response.status_code == 200 and "html" in response.headers["content-type"]:
                page = served.page(path)
                assert {tag for tag, _ in page.found}.isdisjoint({"b", "i"}), path
                assert len(page.of("script")) == 1
                assert not [n for _, some in page.found for n in some if n.startswith("on")], path
                assert "\u202e" not in response.content.decode()
        assert package_address("<b>bold</b>") in seen
        assert stack_address("local/<i>two'&") in seen


def test_segments_differ() -> None:
    random_ = random.Random(7)
    alphabet = "ab./=%~<'\u00e9\u202e \\:?#&+-_"
    names = {"".join(random_.choices(alphabet, k=random_.randrange(6))) for _ in range(5000)}
    names |= {"a" * 200, "a" * 201, ".", "..", "", "\ud800"}
    found = [segment(name) for name in names]
    assert len({*found}) == len(names)
    assert all(one and "/" not in one and one not in (".", "..") for one in found)
    assert all(len(one) < 200 and one.isascii() for one in found)


def test_the_pages_follow_the_store(tmp_path: Path) -> None:
    store = tmp_path / "graph.db"
    write(tmp_path / "a" / "spack.lock", lock(node("zlib")))
    write(tmp_path / "b" / "spack.lock", lock(node("curl")))
    with cachegraph.open(store) as graph:
        graph.import_(tmp_path / "a")
        with serving(store) as served:
            assert served.get("/package/curl/").status_code == 404
            graph.import_(tmp_path / "b")
            assert served.get("/package/curl/").status_code == 200
            assert "2 packages" in text(served, "/")


def test_install_lines(served: Served) -> None:
    spec = served.get(f"/spec/{MPI4PY}/index.json").json()["specs"][0]
    assert "develop/e4s" in spec["stacks"]
    found = text(served, f"/spec/{MPI4PY}/")
    assert "spack mirror add cachegraph-source https://binaries.spack.io/develop/e4s" in found
    assert f"spack install --cache-only /{spec['hash']}" in found
    assert f"spack install /{CMAKE}" in text(served, f"/spec/{CMAKE}/")
