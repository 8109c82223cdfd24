"""A site of files: every link leads somewhere, every hash is found, names are only names."""

import json
import os
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest

import cachegraph
from cachegraph.errors import StoreError
from cachegraph.reading.discover import SAMPLE
from cachegraph.web import site
from cachegraph.web.addresses import package_address, release_address, spec_address, stack_address
from cachegraph.web.pages import package
from cachegraph.web.site import Written, write_site
from tests.support.corpus import lock, node, write
from tests.support.html import Elements

BASE = "http://site.example/"
MOVED = "Moved"


class Site:
    """The files of a site, and the elements of its pages."""

    def __init__(self, folder: Path, written: Written) -> None:
        self.folder = folder
        self.written = written
        self.files = {
            f"/{one.relative_to(folder).as_posix()}" for one in folder.rglob("*") if one.is_file()
        }
        self.pages = {
            one: Elements((folder / one[1:]).read_text())
            for one in sorted(self.files)
            if one.endswith(".html")
        }

    def json(self, path: str) -> object:
        return json.loads((self.folder / path[1:]).read_bytes())

    def follow(self, page: str, href: str) -> str:
        """The file, and the element in it, that a link leads to; it has to be there."""
        parts = urlsplit(href)
        assert (parts.scheme, parts.netloc, parts.query) == ("", "", ""), (page, href)
        assert not href.startswith("/"), (page, href)
        address, anchor = urldefrag(urljoin(BASE + page[1:], href))
        path = unquote(address.removeprefix(BASE.rstrip("/")))
        assert path in self.files, (page, href)
        if anchor and path.endswith(".html"):
            assert anchor in {one.get("id") for _, one in self.pages[path].found}, (page, href)
        return path + (f"#{anchor}" if anchor else "")


def written(store: Path, folder: Path) -> Site:
    with cachegraph.open(store) as graph:
        return Site(folder, write_site(graph, folder))


@pytest.fixture(scope="module")
def whole(sample_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The site of the sample."""
    return written(sample_store, tmp_path_factory.mktemp("site") / "site")


@pytest.fixture(scope="module")
def without_spec_pages(sample_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The site of the sample, as if it had too many specs, and few rows fitted on a page."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(site, "_MOST_SPEC_PAGES", 100)
        for module in (site, package):
            patched.setattr(module, "STATIC_ROWS", 7)
        return written(sample_store, tmp_path_factory.mktemp("rows") / "site")


@pytest.fixture(params=["whole", "without_spec_pages"])
def each(request: pytest.FixtureRequest) -> Site:
    found: Site = request.getfixturevalue(request.param)
    return found


def hashes(store: Path) -> list[str]:
    with cachegraph.open(store) as graph:
        return [row["hash"] for row in graph.find("*")["specs"]]


def test_every_link_leads_to_a_file(each: Site) -> None:
    for path, page in each.pages.items():
        links = [one["href"] for tag in ("a", "link") for one in page.of(tag)]
        links += [one["src"] for one in page.of("script")]
        for href in links:
            each.follow(path, str(href))


def test_every_page_has_its_document(each: Site) -> None:
    for path, page in each.pages.items():
        if path == "/404.html" or page.of("meta")[-1].get("http-equiv") == "refresh":
            continue
        twins = [one["href"] for one in page.of("link") if one.get("rel") == "alternate"]
        # The first part of a package has that of all of them.
        assert twins == ["../index.json" if "/part-" in path else "index.json"]
        assert isinstance(each.json(each.follow(path, str(twins[0]))), dict)


def test_every_page_has_a_policy_and_no_script_of_its_own(each: Site) -> None:
    for path, page in each.pages.items():
        policies = [
            one["content"]
            for one in page.of("meta")
            if one.get("http-equiv") == "Content-Security-Policy"
        ]
        assert len(policies) == 1, path
        assert str(policies[0]).startswith("default-src 'none'")
        assert all("src" in one for one in page.of("script"))


def test_search_finds_every_hash(each: Site, sample_store: Path) -> None:
    """As the script does: a link from the first page."""
    for hash_ in hashes(sample_store):
        shard = each.json(f"/search/{hash_[:2]}.json")
        assert isinstance(shard, list)
        (href,) = [href for found, href in shard if found == hash_]
        assert hash_ in each.follow("/index.html", href)


def test_search_finds_every_name(each: Site, sample_store: Path) -> None:
    names = each.json("/search/names.json")
    assert isinstance(names, list)
    found = {(name, kind) for name, kind, _ in names}
    with cachegraph.open(sample_store) as graph:
        assert {(row["key"], "stack") for row in graph.stacks()["stacks"]} <= found
    assert len(found) == 46 + 17
    for _, _, href in names:
        each.follow("/index.html", href)


def test_old_addresses_lead_on(each: Site) -> None:
    for old, new in {
        "/package/develop/py-mpi4py/specs/": package_address("py-mpi4py"),
        "/package/e4s-24.11/zlib-ng/specs/": package_address("zlib-ng"),
        "/tag/develop/": release_address("develop"),
    }.items():
        path = f"{old}index.html"
        (link,) = each.pages[path].of("a")
        assert each.follow(path, str(link["href"])) == f"{new}index.html"
        refreshed = each.pages[path].of("meta")[-1]
        assert refreshed == {"http-equiv": "refresh", "content": f"0; url={link['href']}"}


def test_pages_of_specs_and_rows_instead(whole: Site, without_spec_pages: Site) -> None:
    assert sum(one.startswith("/spec/") for one in whole.pages) == 466
    assert whole.written.notes == []
    assert not any(one.startswith("/spec/") for one in without_spec_pages.files)
    (note,) = without_spec_pages.written.notes
    assert "more than 100 specs" in note


def test_parts_of_a_package(without_spec_pages: Site, sample_store: Path) -> None:
    """Each spec of it is in one row of one part."""
    folder = package_address("py-mpi4py")
    rows = []
    for path, page in without_spec_pages.pages.items():
        if path.startswith(folder):
            found = [str(one["id"]) for one in page.of("tr") if "id" in one]
            assert 0 < len(found) <= 7
            rows += found
    with cachegraph.open(sample_store) as graph:
        assert sorted(rows) == sorted(row["hash"] for row in graph.find("py-mpi4py")["specs"])
    assert len(rows) > 20


def test_what_is_written_is_told(whole: Site) -> None:
    sizes = [(whole.folder / one[1:]).stat().st_size for one in whole.files]
    assert whole.written.bytes == sum(sizes)
    assert whole.written.pages <= len(whole.pages)
    assert max(sizes) < 1_000_000


def test_nothing_of_this_machine_is_in_it(each: Site, sample_store: Path) -> None:
    for one in each.files:
        data = (each.folder / one[1:]).read_bytes()
        for place in (sample_store.parent, each.folder, SAMPLE):
            assert os.fsencode(place) not in data, one


# Names and stores that a site must not trip over.

NAMES = (
    *("..", ".", "...", "a/b", "../../up", "/etc", "index.html", "part-2", "specs", "root"),
    *("<script>alert(1)</script>", "'\"><b>", "a" * 250, "a" * 251, "\u202eevil", "\u00e9", "="),
    *("==", "%2e%2e", "a b", "a\\b", "con", "a?b#c", "~", "-", "2E"),
)


def test_odd_names_become_files_below_the_folder(tmp_path: Path) -> None:
    folders = ("one", "<i>", "a" * 200)
    for number, folder in enumerate(folders):
        specs = [node(name, version=str(number)) for name in NAMES]
        write(tmp_path / "envs" / folder / "spack.lock", lock(*specs))
    with cachegraph.open(tmp_path / "graph.db") as graph:
        for number, release in enumerate(("..", "a/../b", "x" * 200, "develop", "<b>")):
            only = [f"local/{folders[number % 3]}"] if number > 2 else []
            graph.import_(tmp_path / "envs", release=release, only=only and ["*"])
    (tmp_path / "out").mkdir()
    before = {*tmp_path.rglob("*")}
    found = written(tmp_path / "graph.db", tmp_path / "out" / "site")
    outside = {*tmp_path.rglob("*")} - before
    assert all(found.folder in (one, *one.parents) for one in outside)
    assert found.written.notes == []
    assert "What Spack stacks share" in (found.folder / "index.html").read_text()
    for path, page in found.pages.items():
        assert {"b", "i"}.isdisjoint({tag for tag, _ in page.found}), path
        for one in page.of("a"):
            found.follow(path, str(one["href"]))
    for name in NAMES:
        assert f"{package_address(name)}index.html" in found.pages
    assert f"{stack_address('../<i>')}index.html" in found.pages


def test_an_empty_graph(tmp_path: Path) -> None:
    with cachegraph.open(":memory:") as graph:
        found = Site(tmp_path / "site", write_site(graph, tmp_path / "site"))
    for path, page in found.pages.items():
        for one in page.of("a"):
            found.follow(path, str(one["href"]))


def test_a_store_that_breaks_writes_nothing(
    sample_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page of an error in place of each page would look like a site."""

    def broken(*_: object) -> None:
        raise StoreError("it is damaged")

    monkeypatch.setattr(site, "page_at", broken)
    with cachegraph.open(sample_store) as graph, pytest.raises(StoreError):
        write_site(graph, tmp_path / "site")
    assert [*tmp_path.iterdir()] == []


def test_spec_pages_are_at_their_addresses(whole: Site, sample_store: Path) -> None:
    for hash_ in hashes(sample_store)[::40]:
        document = whole.json(f"{spec_address(hash_)}index.json")
        assert isinstance(document, dict)
        assert document["specs"][0]["hash"] == hash_
