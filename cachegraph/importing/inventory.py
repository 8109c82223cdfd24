"""Describes a store: its file or server, its releases and stacks, and when each was imported."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, NotRequired, TypedDict

from cachegraph.importing.known_sources import KnownSource, KnownSources
from cachegraph.model.elements import without_none
from cachegraph.model.schema import IN_STACK, MODEL_VERSION, RECORDED_IN, STACK
from cachegraph.model.stack_key import StackKey
from cachegraph.stores import Store, StoreFacts


class ReleaseInfo(TypedDict):
    """A release, how many sources list its stacks or packages, and the last import of one."""

    name: str
    stacks: int
    specs: int
    sources: int
    imported_at: NotRequired[str]


class StackInfo(TypedDict):
    """A stack, how many sources list it, and the last import of one.

    If none does, the sources are the pages that describe its specs.
    """

    key: str
    specs: int
    roots: int
    sources: int
    imported_at: NotRequired[str]


class DocumentInfo(TypedDict):
    """A source; ``lists`` are stacks, or the release and the package of a page."""

    location: str
    format: str
    format_version: str
    specs: int
    conflicts: int
    imported_at: str
    digest: str
    lists: list[str]


class InfoAnswer(StoreFacts):
    """The answer of ``info``: the facts of the store, and what is in it.

    ``sources`` is how many there are; ``documents`` are the sources one by one, if they were asked
    for.
    """

    question: str
    model_version: int
    nodes: dict[str, int]
    relationships: dict[str, int]
    releases: list[ReleaseInfo]
    stacks: list[StackInfo]
    sources: int
    documents: NotRequired[list[DocumentInfo]]


def describe(
    store: Store,
    stats: Mapping[str, Any],
    releases: Sequence[Mapping[str, Any]],
    stacks: Sequence[Mapping[str, Any]],
    *,
    documents: bool,
) -> InfoAnswer:
    """The answer of ``info``, from those of ``stats``, ``releases`` and ``stacks``."""
    sources = KnownSources(store)
    imports = _Imports(sources.by_digest.values())
    answer: dict[str, Any] = {
        "question": "info",
        **store.facts(),
        "model_version": MODEL_VERSION,
        "nodes": stats["nodes"],
        "relationships": stats["relationships"],
        "releases": [{**row, **imports.of_release(row["name"])} for row in releases],
        "stacks": [
            {"key": row["key"], "specs": row["specs"], "roots": row["roots"]}
            | (imports.of_stack(row["key"]) or _pages_of(store, row["key"], sources))
            for row in stacks
        ],
        "sources": len(sources.by_digest),
    }
    if documents:
        answer["documents"] = _documents(sources.by_digest.values())
    return answer  # type: ignore[return-value]  # made by the names of its keys


class _Imports:
    """How many sources list each stack and each release, and when the last was imported."""

    def __init__(self, sources: Iterable[KnownSource]) -> None:
        self._of_stack: dict[str, list[str]] = {}
        self._of_release: dict[str, list[str]] = {}
        for source in sources:
            time = source.imported_at or ""
            releases = set()
            for scope in _scopes(source):
                if source.format == "page":
                    releases.add(scope.rpartition(" ")[0])
                else:
                    releases.add(StackKey.parse(scope).release)
                    self._of_stack.setdefault(scope, []).append(time)
            for release in releases:
                self._of_release.setdefault(release, []).append(time)

    def of_stack(self, key: str) -> dict[str, Any]:
        return _counted(self._of_stack[key]) if key in self._of_stack else {}

    def of_release(self, name: str) -> dict[str, Any]:
        return _counted(self._of_release.get(name, []))


def _pages_of(store: Store, key: str, sources: KnownSources) -> dict[str, Any]:
    """How many sources describe specs of a stack, and the last import of one."""
    specs = store.starts_of(IN_STACK, store.find(STACK, key))
    nodes = {*store.ends_of(RECORDED_IN, specs)}
    known = (source for source in sources.by_digest.values() if source.node in nodes)
    return _counted([source.imported_at or "" for source in known])


def _counted(times: Sequence[str]) -> dict[str, Any]:
    last = max(times, default="")
    return {"sources": len(times), **({"imported_at": last} if last else {})}


def _scopes(source: KnownSource) -> Iterator[str]:
    yield from source.lists or ()
    yield from source.part_of or ()


def _documents(sources: Iterable[KnownSource]) -> list[Mapping[str, Any]]:
    """The sources as rows, sorted by location."""
    names = DocumentInfo.__annotations__
    rows = [
        {
            **without_none({name: getattr(source, name) for name in names if name != "lists"}),
            "lists": [*_scopes(source)],
        }
        for source in sources
    ]
    return sorted(rows, key=itemgetter("location", "digest"))
