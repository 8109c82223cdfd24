"""An environment's ``spack.lock``, versions 1 to 7, with the environments that it includes."""

from collections.abc import Iterable, Iterator
from typing import Any

from cachegraph.errors import FormatError, VersionError
from cachegraph.model.spec import Extent, Root, SpecRecord, is_dag_hash
from cachegraph.model.stack_key import StackKey
from cachegraph.sources import Contents, Document, Note, Report
from cachegraph.sources.jsontext import first_key, parse
from cachegraph.sources.node import Node, Reader, unwrapped
from cachegraph.sources.proof import gives_build_hash

NEWEST = 7
"""The newest version of lock files."""
_SPEC_FORMATS = {1: 1, 2: 1, 3: 2, 4: 3, 5: 4, 6: 5, 7: 5}
_KEYED_BY_BUILD_HASH = (2, 3)
_KEYED_BY_DAG_HASH = 4
_WITH_GROUPS = 7
_KEYS = frozenset({"_meta", "spack", "roots", "concrete_specs", "include_concrete"})


def accepts(document: Document) -> bool:
    """Whether the text begins with a key of a lock file."""
    return first_key(document.data) in _KEYS


def read(document: Document, report: Report) -> Contents:
    """The specs and the roots of an environment."""
    lock = parse(document)
    version = _version(document, lock)
    environment = _Environment(document, lock, version)
    note = Note(document.location, report)
    roots = [*environment.roots(note)]
    release, stack = StackKey.parse(document.stack)
    return Contents(
        "spack.lock",
        str(version),
        environment.records(note),
        [Extent(release, stack=stack)],
        document.digest,
        roots,
        note.faults,
    )


def _version(document: Document, lock: Any) -> int:
    try:
        meta = lock["_meta"]
        version = meta["lockfile-version"]
        whole = isinstance(lock["concrete_specs"], dict) and isinstance(lock["roots"], list)
    except (KeyError, TypeError) as exc:
        raise FormatError(
            f"{document.location}: not a lock file: no {exc.args[0] if exc.args else exc}",
            "a lock file has _meta.lockfile-version, roots and concrete_specs",
        ) from exc
    if not whole or type(version) is not int or version < 1:
        raise FormatError(
            f"{document.location}: not a lock file: lockfile-version {version!r}, roots and "
            "concrete_specs are not a number, a list and an object"
        )
    if version > NEWEST:
        raise VersionError(
            f"{document.location}: lock file version {version}; the newest known is {NEWEST}",
            "upgrade cachegraph",
        )
    return version


class _Environment:
    """A lock file's entries, and how they refer to one another."""

    def __init__(self, document: Document, lock: Any, version: int) -> None:
        self._document = document
        self._lock = lock
        self._version = version
        self._entries: dict[str, Any] = {}
        self._stack = document.stack
        self._named: dict[str, tuple[str, str]] = {}

    def _levels(self, lock: Any) -> Iterator[Any]:
        """The environment, and the ones that it includes, nested to any depth."""
        waiting = [lock]
        while waiting:
            level = waiting.pop(0)
            if isinstance(level, dict):
                yield level
                included = level.get("include_concrete")
                waiting += included.values() if isinstance(included, dict) else ()

    def _gather(self, note: Note) -> None:
        for level in self._levels(self._lock):
            specs = level.get("concrete_specs")
            for key, node in specs.items() if isinstance(specs, dict) else ():
                try:
                    plain = unwrapped(node) if self._version < 3 else node  # noqa: PLR2004
                    hash_ = plain.get("hash", key)
                    self._named[hash_] = str(plain.get("name")), str(plain.get("version"))
                except (AttributeError, TypeError, ValueError):
                    note(f"concrete_specs./{key}: expected a spec node, found {str(node)[:40]!r}")
                    continue
                self._entries.setdefault(key, plain)

    def hash_of(self, name: str, dependency: Node) -> str:  # by its key
        return self._dag_hash(dependency.get("build_hash") or dependency["hash"])

    def _dag_hash(self, key: str) -> str:
        return str(self._entries[key].get("hash", key)) if key in self._entries else key

    def named(self, hash_: str) -> tuple[str, str] | None:
        return self._named.get(hash_)

    def roots(self, note: Note) -> Iterator[Root]:
        """What the environment, and those that it includes, asked for."""
        self._gather(note)
        for level in self._levels(self._lock):
            roots = level.get("roots")
            for index, root in enumerate(roots if isinstance(roots, list) else ()):
                try:
                    key, request, group = root["hash"], root["spec"], root.get("group")
                    "".join((key, request, group or ""))  # all text, or TypeError
                    hash_ = self._dag_hash(key)
                except (KeyError, TypeError, AttributeError):
                    note(f"roots[{index}]: expected a hash and a spec, found {str(root)[:60]}")
                    continue
                if group is None and self._version >= _WITH_GROUPS:
                    group = "default"
                if key not in self._entries:
                    note(f"roots[{index}]: {request}: /{key} is not among concrete_specs")
                if is_dag_hash(hash_):
                    yield Root(hash_, self._stack, request, group)

    def records(self, note: Note) -> Iterator[SpecRecord]:
        """The specs of the environment.

        Entries that share a DAG hash, which until version 3 did not cover build dependencies, come
        in the order in which Spack meets them: it keeps the first.
        """
        reader = Reader(self, _SPEC_FORMATS[self._version])
        for key in self._ordered():
            node = self._entries[key]
            if self._version >= _KEYED_BY_DAG_HASH and node.get("hash", key) != key:
                note(f"concrete_specs./{key}: its node has another hash, /{node['hash']}")
            try:
                record = reader.read(node, (self._stack,), key)
            except FormatError as error:
                note(f"concrete_specs./{key}: {error.message}")
                continue
            if record is None:
                note(f"concrete_specs./{key}: an abstract spec; left out")
                continue
            if record.description.verified and not self._built_as_keyed(key, node):
                note(f"concrete_specs./{key}: what builds it does not give this build hash")
            yield record

    def _built_as_keyed(self, key: str, node: Any) -> bool:
        """Whether an entry gives its key where that is a build hash: it covers the whole entry."""
        if self._version not in _KEYED_BY_BUILD_HASH:
            return True
        format_ = _SPEC_FORMATS[self._version]
        return gives_build_hash(node["name"], node, key, format_)

    def _ordered(self) -> Iterable[str]:
        if self._version >= _KEYED_BY_DAG_HASH:
            return self._entries
        return dict.fromkeys((*self._from_roots(), *self._entries))

    def _from_roots(self) -> Iterator[str]:
        """The keys as Spack meets them from the roots: each before its dependencies, by name."""
        seen: set[str] = set()
        waiting = [root.get("hash") for root in self._lock["roots"] if isinstance(root, dict)]
        waiting.reverse()
        while waiting:
            key = waiting.pop()
            if not isinstance(key, str) or key in seen or key not in self._entries:
                continue
            seen.add(key)
            yield key
            waiting += reversed([*_children(self._entries[key])])


def _children(node: Any) -> Iterator[Any]:
    """The keys that a node of an old format refers to, by the names of the packages."""
    needed = node.get("dependencies") or ()
    if isinstance(needed, dict):
        needed = [{"name": name, **said} for name, said in needed.items() if type(said) is dict]
    children = [said for said in needed if isinstance(said, dict)] if type(needed) is list else []
    for said in sorted(children, key=lambda said: str(said.get("name"))):
        yield said.get("build_hash") or said.get("hash")
