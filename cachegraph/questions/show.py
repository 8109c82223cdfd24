"""All that the graph knows of a spec, of a package, or of the specs that fit a spec."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any, NotRequired

from cachegraph.analysis.rows import Notes, Scope, keys_of, row_order
from cachegraph.analysis.selection.lookup import find_spec
from cachegraph.analysis.selection.scope import scope_of, select_stack
from cachegraph.analysis.selection.specs import MatchedSpecs, match_specs
from cachegraph.analysis.selection.stacks import StackSelection, notes
from cachegraph.analysis.spec_cards import (
    PACKAGE_FACTS,
    Card,
    PackageCard,
    package_card,
    spec_card,
    spec_cards,
)
from cachegraph.errors import NotFoundError
from cachegraph.model.graph import CypherGraph, SpecGraph
from cachegraph.model.schema import (
    PACKAGE,
    RELEASE,
    SPEC,
    STACK,
)
from cachegraph.model.spec import DependencyUse
from cachegraph.model.stack_key import StackKey
from cachegraph.output.stack_tables import stack_tables
from cachegraph.output.tables import Table, hash_cell, shown_bytes, spec_table, table_of
from cachegraph.questions import Question
from cachegraph.questions.parameters import Argument

if TYPE_CHECKING:
    from cachegraph.analysis.stack_card import StackCard

_SPEC_FACTS = (
    *(p.name for p in SPEC.properties if p.on_card and p.name != "recomputed"),
    "stacks",
    "roots",
    "requests",
    "dependents",
)
_HASH = re.compile(r"[\w-]*/[a-z2-7]*", re.IGNORECASE).fullmatch
_HASH_WITHOUT_SLASH = re.compile(r"[a-z2-7]{7,32}", re.IGNORECASE).fullmatch


class ShowAnswer(Notes):
    """The answer of ``show``.

    ``packages`` has the one package where a package was named, ``stacks`` the one stack.
    """

    question: str
    specs: list[Card]
    packages: NotRequired[list[PackageCard]]
    stacks: NotRequired[list["StackCard"]]


_Shown = MatchedSpecs | StackSelection


class Show(Question[_Shown, ShowAnswer]):
    """Show what a spec is and where it was seen, all specs of a package, or a stack.

    Prints the properties of the spec, the stacks that hold it, the sources that describe it and its
    dependencies; of a package its versions, compilers, targets, stacks and specs. A hash may be cut
    to any length; of 7 characters or more it needs no slash, unless a package has that name. Any
    other SPEC, as for cachegraph find, shows each that fits.

    Of a stack, by name or as RELEASE/STACK, it prints the roots with their groups, how many specs
    it has of each compiler, operating system and target, and which stacks share most with it.

    Examples:
      cachegraph show py-mpi4py
      cachegraph show /2feova4
      cachegraph show e4s-24.11/gcc-cpu
    """

    spec: Annotated[str, Argument("/HASH|PACKAGE|SPEC|STACK", SPEC, STACK, words=True)]

    def select(self, graph: SpecGraph) -> _Shown:
        """The specs of the package, the one spec with the hash, or all that fit; or the stack."""
        if graph.find(STACK, self.spec) is not None or _is_stack_alone(graph, self.spec):
            return select_stack(graph, self.spec)
        if graph.find(RELEASE, self.spec) is not None and graph.find(PACKAGE, self.spec) is None:
            hint = f"list its stacks: cachegraph stacks --release {self.spec}"
            raise NotFoundError(f"{self.spec} is a release, not a spec or a stack", hint)
        if _HASH(self.spec):
            return MatchedSpecs(frozenset({find_spec(graph, self.spec)}))
        matched = _match_spec_or_hash(graph, self.spec)
        if not matched.specs:
            raise NotFoundError(f"no spec fits {self.spec}", "leave out some conditions")
        return matched

    def scope(self, graph: SpecGraph, selection: _Shown) -> Scope:
        stacks = None if isinstance(selection, MatchedSpecs) else [selection]
        return scope_of(graph, stacks, named=True)

    def walk(self, graph: SpecGraph, selection: _Shown) -> ShowAnswer:
        if not isinstance(selection, MatchedSpecs):
            from cachegraph.analysis.stack_card import stack_card

            stacks = [stack_card(graph, selection)]
            return {"question": "show", "specs": [], "stacks": stacks, **notes([selection])}  # type: ignore[typeddict-item]  # no other keys
        return self._answer(selection, spec_cards(graph, [*selection.specs]))

    def fits_cypher(self, selection: _Shown) -> bool:
        return isinstance(selection, MatchedSpecs)

    def cypher(self, graph: CypherGraph, selection: _Shown) -> ShowAnswer:
        assert isinstance(selection, MatchedSpecs)
        hashes = keys_of(graph, SPEC, selection.specs)
        cards = [spec_card(row) for row in graph.rows("show", {"hashes": hashes})]
        return self._answer(selection, cards)

    def _answer(self, selection: MatchedSpecs, cards: list[Card]) -> ShowAnswer:
        cards.sort(key=row_order)
        answer: ShowAnswer = {"question": "show", "specs": cards}
        if selection.notes:
            answer["notes"] = [*selection.notes]
        if any(card.get("package") == self.spec for card in cards):
            answer["packages"] = [package_card(self.spec, cards)]
        return answer

    sections = (
        "stack",
        "roots",
        "compilers",
        "operating_systems",
        "targets",
        "shares",
        "package",
        "stacks",
        "specs",
        "spec",
        "sources",
        "dependencies",
    )

    def tables(self, answer: ShowAnswer) -> Iterator[Table]:
        for stack in answer.get("stacks", ()):
            yield from stack_tables(stack)
        for package in answer.get("packages", ()):
            facts = [*_facts(package, PACKAGE_FACTS), ("specs", str(len(package["specs"])))]
            yield Table("package", ("", package["name"]), facts)
            yield Table("stacks", ("stack", "specs"), [*package["specs_by_stack"].items()])
            yield spec_table("specs", package["specs"])
        for card in () if "packages" in answer else answer["specs"]:
            facts = [*_facts({**card, **dict(_in_words(card))}, _SPEC_FACTS)]
            yield Table("spec", ("", f"/{card['hash']}"), facts)
            yield table_of("sources", ("location", "format", "format_version"), card["sources"])
            if card["dependencies"]:
                columns = ("depends on", "version", "hash", *DependencyUse._fields)
                cells = {"depends on": "package"}
                yield table_of("dependencies", columns, card["dependencies"], "", **cells)


def _is_stack_alone(graph: SpecGraph, name: str) -> bool:
    """Whether stacks have the name, and no package; or a release and a stack are in it."""
    release, bare = StackKey.parse(name)
    if release:
        return graph.find(RELEASE, release) is not None
    is_stack = any(StackKey.parse(key).name == bare for key in graph.keys(STACK))
    return is_stack and graph.find(PACKAGE, name) is None


def _match_spec_or_hash(graph: SpecGraph, text: str) -> MatchedSpecs:
    """The specs that fit, else the one with that hash; NotFoundError speaks of the package."""
    try:
        return match_specs(graph, text)
    except NotFoundError:
        if not _HASH_WITHOUT_SLASH(text):
            raise
        with suppress(NotFoundError):
            return MatchedSpecs(frozenset({find_spec(graph, text)}))
        raise


def _in_words(card: Card) -> Iterator[tuple[str, str]]:
    """Whether Spack built a spec and what its hash was recomputed to, as parts of sentences."""
    if "package" not in card:
        return  # a stub, of which nothing is known
    if "external" in card:
        built = "external, not built by Spack", "built by Spack, not external"
        yield "external", built[not card["external"]]
    recomputed, verified = card.get("recomputed"), card.get("verified")
    if verified:
        told = "the hash was recomputed from the source and is equal"
    elif recomputed:
        told = f"the hash was recomputed from the source and differs: gives {hash_cell(recomputed)}"
    elif verified is not None:
        told = "the hash was recomputed from an earlier form of the source and is equal"
    else:
        only_pages = all(source.get("format") == "page" for source in card["sources"])
        sources = "pages" if only_pages else "its sources"
        told = f"the hash cannot be recomputed: {sources} do not hold enough"
    yield "verified", told


def _facts(card: Mapping[str, Any], names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The name and the value of each fact that is known, a list as one text."""
    for name in names:
        value = card.get(name)
        if value not in (None, []):
            between = "; " if name == "requests" else " "  # requests have blanks in them
            shown = between.join(value) if isinstance(value, list) else str(value)
            if name == "size":
                shown = shown_bytes(value)
            yield name.replace("_", " "), shown
