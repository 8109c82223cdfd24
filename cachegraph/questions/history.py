"""What releases have had of a package, and what became of the stacks that held it."""

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from cachegraph.analysis.selection.lookup import check_package
from cachegraph.analysis.selection.stacks import notes
from cachegraph.model.graph import CypherGraph, SpecGraph, relationships
from cachegraph.model.schema import IN_STACK, OF_PACKAGE, RELEASE, SPEC, STACK
from cachegraph.model.stack_key import DEVELOP, ROOT, StackKey
from cachegraph.questions.successors import Successors, told

if TYPE_CHECKING:
    from cachegraph.questions.answers.spread import HistoryAnswer, HistoryRow

_version = re.compile(r"v?(\d+(?:\.\d+)*)([-.]?(?:a|b|rc|alpha|beta|dev)[.\d]*)?").fullmatch
# Without its number a name is that of a series: develop-2025-10-12, e4s-24.11, v1.0-rc1.
_number = re.compile(r"(^|[-_./])v?\d[\w.-]*$").sub
_DATED, _VERSIONS, _OTHERS, _LAST = range(4)

# The version of each spec that a stack holds, by its hash.
Held = Mapping[str, Mapping[str, str | None]]


class History(NamedTuple):
    """The versions and hashes of a package in each release, from the first that has it."""

    package: str

    def walk(self, graph: SpecGraph) -> "HistoryAnswer":
        """The answer from a graph."""
        specs = [*graph.starts_of(OF_PACKAGE, check_package(graph, self.package))]
        known = dict(zip(specs, graph.values(SPEC, specs, ("hash", "version")), strict=True))
        held: dict[Any, list[Any]] = defaultdict(list)
        for spec, stack, _ in relationships(graph, IN_STACK, specs):
            held[stack].append(known[spec])
        keys = graph.values(STACK, held, (STACK.key.name,))
        return self._answer(
            graph, {key: dict(held[stack]) for (key,), stack in zip(keys, held, strict=True)}
        )

    def ask(self, graph: CypherGraph) -> "HistoryAnswer":
        """The answer of history.cypher."""
        check_package(graph, self.package)
        held: dict[str, dict[str, str | None]] = defaultdict(dict)
        for row in graph.rows("history", {"package": self.package}):
            held[row["stack"]][row["hash"]] = row["version"]
        return self._answer(graph, held)

    def _answer(self, graph: SpecGraph, held: Held) -> "HistoryAnswer":
        by_release: dict[str, dict[str, Any]] = defaultdict(dict)
        for key in sorted(held):
            by_release[StackKey.parse(key).release][key] = held[key]
        successors = Successors(graph)
        rows: dict[str, HistoryRow] = {}
        for name, date, before in _ordered(graph):
            if name in by_release or before in rows:
                row = _row(name, date, by_release.get(name, {}))
                rows[name] = row
                if before is not None:
                    _compare(row, before, rows.get(before), successors)
        return {
            "question": "history",
            "package": self.package,
            "releases": [*rows.values()],
            **notes((), (note for row in rows.values() for note in told(row))),
        }


def _row(name: str, date: str | None, held: Held) -> "HistoryRow":
    """What the stacks of a release hold, the root as well; but that is not named."""
    specs = {hash_: version for members in held.values() for hash_, version in members.items()}
    from cachegraph.syntax.versions import parse_version

    versions = {version for version in specs.values() if version is not None}
    row: HistoryRow = {
        "name": name,
        "versions": sorted(versions, key=lambda version: (parse_version(version), version)),
        "specs": len(specs),
        "hashes": sorted(specs),
        "stacks": [key for key in held if StackKey.parse(key).name != ROOT],
    }
    if date is not None:
        row["date"] = date
    return row


def _compare(
    row: "HistoryRow", before: str, earlier: "HistoryRow | None", successors: Successors
) -> None:
    """Puts into a row what is other than in the release before."""
    hashes = {*earlier["hashes"]} if earlier else set[str]()
    row["before"] = before
    row["new"] = len({*row["hashes"]} - hashes)
    row["gone"] = len(hashes - {*row["hashes"]})
    if earlier and (vanished := successors.of(earlier["stacks"], before, row["name"])):
        row["vanished"] = vanished


def _ordered(graph: SpecGraph) -> list[tuple[str, str | None, str | None]]:
    """The releases with their date, and the release before: of the same series, so comparable.

    Dated snapshots come first, then versions, then others by name, and last develop, which follows
    on its last snapshot, or without any on the last version.
    """
    dated = graph.values(RELEASE, graph.nodes(RELEASE), (RELEASE.key.name, "date"))
    found = sorted((_place(name, date), name, date) for name, date in dated)
    last: dict[tuple[int, str], str] = {}
    ordered = []
    for (kind, *_), name, date in found:
        series = kind, _number("", name)
        before = last.get(series)
        if kind == _LAST:
            before = last.get((_DATED, DEVELOP), last.get((_VERSIONS, "")))
        ordered.append((name, date, before))
        last[series] = name
    return ordered


def _place(name: str, date: str | None) -> tuple[Any, ...]:
    """What releases are sorted by, at first by their kind."""
    if name == DEVELOP:
        return (_LAST,)
    if date is not None:
        return _DATED, date
    if version := _version(name):
        return _VERSIONS, natural(version[1]), version[2] is None, version[2]
    return _OTHERS, natural(name)


def natural(version: str) -> tuple[tuple[bool, int, str], ...]:
    """A key that sorts versions by their numbers; words come before numbers."""
    parts = re.findall(r"\d+|[^\W\d_]+", version)
    return tuple((part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts)
