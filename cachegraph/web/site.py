"""Writes the pages as files with relative links, which any file server can serve.

The same functions make the pages as on the server. A page that takes parameters has no file, and
nothing links to it. Of very many specs none has a page of its own: their hashes lead to their rows
on the pages of their packages.
"""

import json
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import compress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from cachegraph.analysis.comparison.levels import LEVELS
from cachegraph.errors import CacheGraphError, NotFoundError, StoreError
from cachegraph.model.schema import DEPENDS_ON, SPEC
from cachegraph.model.stack_key import ROOT, StackKey
from cachegraph.web.addresses import (
    HOME,
    JSON,
    PACKAGES,
    overlap_address,
    package_address,
    release_address,
    segment,
    spec_address,
    stack_address,
)
from cachegraph.web.asking import Asker, PagedGraph
from cachegraph.web.heatmap import MOST
from cachegraph.web.page import Redirect, View
from cachegraph.web.pages import page_at
from cachegraph.web.pages.home import packages_address
from cachegraph.web.pages.package import STATIC_ROWS, part_address
from cachegraph.web.pages.stack import BELOW, before
from cachegraph.web.rendering import Renderer, document, path_of
from cachegraph.web.static_files import STATIC_FILES, static_file
from cachegraph.web.target import MARK, check_target, mark_text

_MOST_SPEC_PAGES = 20_000
"""Pages of specs that a site has; of more specs none has a page of its own."""
_INDEX = "index.html"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'"
)


# File servers answer with it at any depth, so that it has no links, which would be relative.
_NO_PAGE = (
    b'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
    b'<meta http-equiv="Content-Security-Policy" content="default-src \'none\'">'
    b"<title>Not found</title></head>"
    b"<body><main><h1>Not found</h1><p>There is no such page here.</p></main></body></html>\n"
)


class Written(NamedTuple):
    """How many pages a site has, the bytes of all its files, and what it lacks."""

    pages: int
    bytes: int
    notes: list[str]


def write_site(
    graph: PagedGraph, folder: str | os.PathLike[str], *, replace: bool = False
) -> Written:
    """Writes the site of a graph; the folder appears when it is complete.

    UsageError if the folder is there already and is no earlier site, or may not be replaced;
    CacheGraphError if it cannot be written.
    """
    target = Path(os.path.abspath(folder))  # noqa: PTH100  # a link is to be seen as one
    check_target(target, graph.location, replace=replace)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # Within a folder of its own, so that its permissions are those of any new folder.
        with TemporaryDirectory(
            prefix=f".{target.name[:50]}-", dir=target.parent, ignore_cleanup_errors=True
        ) as beside:
            made = Path(beside) / "new"
            made.mkdir()
            written = _Site(graph, made).write()
            _put(made, target, Path(beside) / "old")
    except OSError as exc:
        raise CacheGraphError(f"{folder}: cannot be written: {exc.strerror or exc}") from exc
    return written


def _put(made: Path, target: Path, old: Path) -> None:
    """Puts a folder in the place of another, or leaves that as it was."""
    is_replaced = target.exists()
    if is_replaced:
        target.rename(old)
    try:
        made.rename(target)
    except BaseException:
        if is_replaced and not target.exists():
            old.rename(target)
        raise


class _Site:
    """The pages of a graph, written below a folder."""

    def __init__(self, graph: PagedGraph, folder: Path) -> None:
        self._folder = folder
        self._asker = Asker(graph)
        self._here = HOME
        self._renderer = Renderer(self._link, policy=_POLICY)
        self._notes: list[str] = []
        self._packages = self._asker.packages()
        self._rows: dict[str, str] = {}
        """The address of the row of each spec, where specs have no pages."""
        self._bytes = 0
        self._later_parts: set[str] = set()
        """The parts of packages whose document is that of the first."""
        self._pages = dict.fromkeys(self._plan())

    def _plan(self) -> Iterator[str]:
        """The addresses of all pages."""
        yield HOME
        yield PACKAGES
        yield from {packages_address(name[:1].lower()) for name in self._packages}
        counts = self._asker.ask("stats").answer
        has_uses = counts["relationships"][DEPENDS_ON.name] > 0
        self._has_spec_pages = counts["nodes"]["Spec"] <= _MOST_SPEC_PAGES
        for name, hashes in self._hashes().items():
            yield from self._plan_package(name, hashes)
        for release in self._asker.releases():
            yield from self._plan_release(release["name"])
        if not self._has_spec_pages:
            kind = "dependencies are left out" if has_uses else "none has dependencies"
            self._notes.append(
                f"more than {_MOST_SPEC_PAGES:,} specs: they have rows, but no pages; {kind}"
            )

    def _hashes(self) -> dict[str, list[str]]:
        """The hashes of each package, in the order of its page where that has parts."""
        found: dict[str, list[str]] = {name: [] for name in self._packages}
        store = self._asker.graph.store
        with store.snapshot():
            for hash_, package in store.values(SPEC, store.nodes(SPEC), ("hash", "package")):
                if package in found:
                    found[package].append(hash_)
        for name, hashes in found.items():
            if len(hashes) > STATIC_ROWS:
                rows = self._asker.ask("find", spec=name).answer["specs"]
                found[name] = [row["hash"] for row in rows]
        return found

    def _plan_package(self, name: str, hashes: Sequence[str]) -> Iterator[str]:
        for number in range(1, max(1, -(-len(hashes) // STATIC_ROWS)) + 1):
            address = part_address(name, number)
            if number > 1:
                self._later_parts.add(address)
            yield address
        for place, hash_ in enumerate(hashes):
            if self._has_spec_pages:
                yield spec_address(hash_)
            else:
                part = part_address(name, place // STATIC_ROWS + 1)
                self._rows[spec_address(hash_)] = f"{part}#{hash_}"

    def _plan_release(self, name: str) -> Iterator[str]:
        yield release_address(name)
        stacks = self._asker.stacks_of(name)
        compared = [key for key in stacks if StackKey.parse(key).name != ROOT]
        for key in stacks:
            yield stack_address(key)
            if key in compared:
                yield from (stack_address(key, what) for what in self._below(key))
        if 1 < len(compared) <= MOST:
            yield from (release_address(name, level) for level in LEVELS if level != "hash")
            for place, left in enumerate(compared):
                yield from (overlap_address(left, right) for right in compared[:place])

    def _below(self, key: str) -> Iterator[str]:
        """The pages below a stack."""
        for what in BELOW:
            is_shown = what != "changes" or before(self._asker_view(), key) is not None
            if is_shown:
                yield what

    def _asker_view(self) -> View:
        return View(self._asker, {}, is_static=True)

    def _link(self, address: str) -> str | None:
        """The link from the page that is being written; None to a page that is not there."""
        address = self._rows.get(address, address)
        path, hashed, anchor = address.partition("#")
        swapped = _swapped(path)
        if path.startswith("/static/"):
            return self._relative(path)
        found = path if path in self._pages else swapped if swapped in self._pages else None
        return None if found is None else f"{self._relative(found)}{_INDEX}{hashed}{anchor}"

    def _relative(self, path: str) -> str:
        up = "../" * (self._here.count("/") - 1)
        return (up + path[1:]) or "./"

    def write(self) -> Written:
        """Writes everything."""
        for name in STATIC_FILES:
            self._file(f"/static/{name}", static_file(name))
        for address in self._pages:
            self._page(address)
        self._search()
        self._old_addresses()
        self._here = HOME
        self._file("/404.html", _NO_PAGE)
        self._file("/.nojekyll", b"")
        self._file(f"/{MARK}", mark_text(self._folder))
        return Written(len(self._pages), self._bytes, self._notes)

    def _page(self, address: str) -> None:
        self._here = address
        parts = [part for part in path_of(address).split("/") if part]
        try:
            found = page_at(self._asker_view(), parts)
            if isinstance(found, Redirect):
                raise NotFoundError(f"{address} leads to {found.address}")
            twin_at = f"../{JSON}" if address in self._later_parts else JSON
            text = "".join(self._renderer.parts(found, site="yes", json=twin_at))
            twin = document(found)
        except StoreError:
            raise
        except CacheGraphError as error:
            self._notes.append(f"{address}: {error.message}")
            text, twin = self._renderer.error(404, error.message, "", site="yes"), b"{}"
        self._file(f"{address}{_INDEX}", text.encode("utf-8", "backslashreplace"))
        if address not in self._later_parts:
            self._file(f"{address}{JSON}", twin)

    def _search(self) -> None:
        """What the search box looks through: names, and hashes by their first two letters."""
        names = [(name, "package", package_address(name)) for name in self._packages]
        names += [(key, "stack", stack_address(key)) for key in self._asker.stacks()]
        self._here = HOME
        shown = [(name, kind, self._link(address)) for name, kind, address in names]
        self._json("/search/names.json", shown)
        addresses = self._rows or [a for a in self._pages if a.startswith("/spec/")]
        shards: defaultdict[str, list[tuple[str, str | None]]] = defaultdict(list)
        for address in addresses:
            hash_ = address.split("/")[2]
            shards[hash_[:2]].append((hash_, self._link(address)))
        for start, hashes in shards.items():
            self._json(f"/search/{start}.json", hashes)

    def _old_addresses(self) -> None:
        """Pages at the addresses of cache.spack.io that lead to ours."""
        for release in (one["name"] for one in self._asker.releases()):
            if segment(release) == release:  # as all of theirs are
                self._here = f"/tag/{release}/"
                self._leads_to(release_address(release))
        found = self._asker.ask("coverage", by="stack", all_releases=True).answer
        for name, counts in zip(found["rows"], found["cells"], strict=True):
            keys = compress(found["columns"], counts)
            for release in {StackKey.parse(key).release for key in keys}:
                if segment(release) == release and package_address(name) in self._pages:
                    self._here = f"/package/{release}/{segment(name)}/specs/"
                    self._leads_to(package_address(name))

    def _leads_to(self, address: str) -> None:
        to = self._link(address)
        text = (
            f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Moved</title>'
            f'<meta http-equiv="Content-Security-Policy" content="default-src \'none\'">'
            f'<meta http-equiv="refresh" content="0; url={to}"></head>'
            f'<body><a href="{to}">The page is here</a></body></html>\n'
        )
        self._file(f"{self._here}{_INDEX}", text.encode())

    def _json(self, path: str, value: object) -> None:
        self._file(path, json.dumps(value, separators=(",", ":")).encode())

    def _file(self, path: str, data: bytes) -> None:
        target = self._folder / path[1:]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        self._bytes += len(data)


def _swapped(path: str) -> str:
    """The address of an overlap with its stacks in the other order."""
    parts = path.split("/")
    if len(parts) != len(["", "overlap", 1, 2, 3, 4, ""]) or parts[1] != "overlap":
        return path
    return "/".join([*parts[:2], *parts[4:6], *parts[2:4], ""])
