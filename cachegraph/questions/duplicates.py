"""Near-duplicates: specs that are alike but have different hashes."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from operator import attrgetter
from typing import Annotated, Any

from cachegraph.analysis.comparison.levels import (
    Token,
    group_near_duplicates,
    hashes_of,
    in_selected_order,
)
from cachegraph.analysis.rows import Notes, StackSize
from cachegraph.analysis.selection.stacks import notes, specs_in_any
from cachegraph.analysis.sizes import (
    Bytes,
    RedundantBytes,
    known_sizes,
    redundant_bytes,
    sizes_among,
    total_bytes,
)
from cachegraph.model.graph import CypherGraph, SpecGraph
from cachegraph.model.schema import SPEC
from cachegraph.output.tables import (
    Cell,
    Table,
    counted,
    shown_bytes,
    size_cell,
    stack_names,
    stacks_table,
    table_of,
)
from cachegraph.questions.parameters import Option, Selected, StackQuestion

_NAMES = ("alike", "package", "version")


class NearDuplicateGroup(Bytes, RedundantBytes):
    """Specs that are alike but have different hashes.

    ``redundant`` is the number of builds that sharing one of them would save, ``within`` the most
    hashes that any one stack holds.
    """

    alike: str
    package: str
    version: str
    redundant: int
    within: int
    hashes: list[str]
    stacks: list[str]


class DuplicatesAnswer(Notes, RedundantBytes):
    """The answer of ``duplicates``; ``specs`` counts those of all groups."""

    question: str
    within: bool
    stacks: list[StackSize]
    specs: int
    redundant: int
    groups: list[NearDuplicateGroup]


class Duplicates(StackQuestion[DuplicatesAnswer]):
    """List near-duplicates: specs that are alike but have different hashes.

    They are equal in package, version, variants, flags, compiler, platform, os and target, and
    differ in dependencies or recipe. In each group all but one are redundant; groups with the most
    redundant specs come first. Without stacks, all stacks of the release but root are searched,
    and a group may span several.

    Examples:
      cachegraph duplicates --release e4s-24.11
      cachegraph duplicates e4s --within
    """

    within: Annotated[bool, Option("Only groups with two or more specs in one stack.")] = False

    def walk(self, graph: SpecGraph, selection: Selected) -> DuplicatesAnswer:
        groups = group_near_duplicates(graph, specs_in_any(selection))
        most, stacks = _most_and_stacks(graph, selection, groups)
        if self.within:
            groups = {token: specs for token, specs in groups.items() if most[token] > 1}
        # The first specs of the groups are in the order of the graph, which is quick to read.
        samples = [specs[0] for specs in groups.values()]
        named = graph.values(SPEC, samples, _NAMES)
        hashes = hashes_of(graph, groups.values())
        columns = zip(groups, named, hashes, strict=True)
        found = [_group(one, most[token], equal, stacks[token]) for token, one, equal in columns]
        if sizes := known_sizes(graph, chain.from_iterable(groups.values())):
            for row, specs in zip(found, groups.values(), strict=True):
                _add_bytes(row, sizes_among(sizes, specs))
        return self._answer(selection, [one.size() for one in selection], found)

    def cypher(self, graph: CypherGraph, selection: Selected) -> DuplicatesAnswer:
        (row,) = graph.rows("duplicates", self.parameters(selection, within=self.within))
        for one in row["groups"]:
            one["hashes"].sort()
            one["stacks"].sort()
        groups = []
        for one in row["groups"]:
            groups.append(_group(map(one.get, _NAMES), one["within"], one["hashes"], one["stacks"]))
            _add_bytes(groups[-1], one["sizes"])
        return self._answer(selection, in_selected_order(selection, row["sizes"]), groups)

    def _answer(
        self, selection: Selected, sizes: list[StackSize], groups: list[NearDuplicateGroup]
    ) -> DuplicatesAnswer:
        groups.sort(
            # A crafted store may have groups without names.
            key=lambda one: (
                -one["redundant"],
                one["package"] or "",
                one["version"] or "",
                one["alike"],
            )
        )
        redundant = sum(group["redundant"] for group in groups)
        known = [group["redundant_bytes"] for group in groups if "redundant_bytes" in group]
        cost: RedundantBytes = {"redundant_bytes": sum(known)} if known else {}
        return {
            "question": "duplicates",
            "within": self.within,
            "stacks": sizes,
            "specs": redundant + len(groups),
            "redundant": redundant,
            **cost,
            "groups": groups,
            **notes(selection),
        }

    exit_code = "Exit with 1 when there are near-duplicates."
    found_in = "groups"

    sections = ("stacks", "groups")
    main_section = "groups"

    def tables(self, answer: DuplicatesAnswer) -> Iterator[Table]:
        yield stacks_table(answer["stacks"])
        names = stack_names([stack["key"] for stack in answer["stacks"]])
        cells: dict[str, Cell] = {
            "most in one": "within",
            "stacks": lambda group: names(group["stacks"]),
        }
        groups = counted(len(answer["groups"]), "group")
        specs, redundant = answer["specs"], answer["redundant"]
        note = f"{groups} of near-duplicates with {specs} specs, {redundant} of them redundant"
        columns = ["package", "version", "redundant", "most in one", "stacks", "hashes"]
        if "redundant_bytes" in answer:
            note += f", {shown_bytes(answer['redundant_bytes'])} of archives"
            columns.insert(3, "size")
            cells["size"] = size_cell("redundant_bytes")
        yield table_of("groups", columns, answer["groups"], note, **cells)


def _group(
    named: Iterable[Any], within: int, hashes: list[str], stacks: Iterable[str]
) -> NearDuplicateGroup:
    alike, package, version = named
    return {
        "alike": alike,
        "package": package,
        "version": version,
        "redundant": len(hashes) - 1,
        "within": within,
        "hashes": hashes,
        "stacks": [*stacks],
    }


def _add_bytes(group: NearDuplicateGroup, sizes: Sequence[int]) -> None:
    """Adds the bytes of the archives whose sizes are known, if any are."""
    if sizes:
        group.update(total_bytes(sum(sizes), len(sizes), len(group["hashes"])))  # type: ignore[typeddict-item]
        group.update(redundant_bytes([sizes]))  # type: ignore[typeddict-item]


def _most_and_stacks(
    graph: SpecGraph, selection: Selected, groups: Mapping[Token, Collection[Any]]
) -> tuple[Mapping[Token, int], Mapping[Token, Sequence[str]]]:
    """For each group the most of its specs that one stack holds, and all stacks that hold any."""
    if len(selection) == 1:
        # Its groups are known already: counting them makes the answer take a sixth longer.
        sizes = dict(zip(groups, map(len, groups.values()), strict=True))
        return sizes, dict.fromkeys(groups, (selection[0].key,))
    most: dict[Token, int] = dict.fromkeys(groups, 0)
    stacks: dict[Token, list[str]] = {token: [] for token in groups}
    for one in sorted(selection, key=attrgetter("key")):
        (tokens,) = graph.tokens(SPEC, one.specs, ("alike",))
        for token, count in Counter(tokens).items():
            if token in groups:
                stacks[token].append(one.key)
                most[token] = max(most[token], count)
    return most, stacks
