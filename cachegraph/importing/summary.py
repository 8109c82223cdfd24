"""What an import read, counted."""

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, NotRequired, TypedDict

from cachegraph.model.spec import Description, SpecGroup, SpecRecord
from cachegraph.model.stack_key import StackKey


@dataclass
class ImportedSource:
    """One imported document."""

    location: str
    format: str = ""
    format_version: str = ""
    specs: int = 0
    warnings: int = 0
    conflicts: int = 0


class StackChange(TypedDict):
    """What an import changed in a stack.

    ``specs`` are in it now: ``added`` by the import, ``stayed`` from before. ``removed`` were in it
    before. ``kept`` stayed although no source lists them: with ``add``, or as not all was read.
    """

    key: str
    specs: int
    added: int
    stayed: int
    removed: int
    kept: NotRequired[int]


@dataclass
class ImportSummary:
    """The counts of distinct values over all sources of one import."""

    sources: list[ImportedSource] = field(default_factory=list)
    releases: int = 0
    stacks: int = 0
    packages: int = 0
    package_versions: int = 0
    specs: int = 0
    compilers: int = 0
    operating_systems: int = 0
    targets: int = 0
    memberships: int = 0
    dependencies: int = 0
    roots: int = 0
    stubs: int = 0
    conflicts: int = 0
    unchanged: int = 0
    """Sources that were not parsed, because the graph held already what they list."""
    kept: int = 0
    """Members of these stacks that no source lists and that stayed."""
    removed: int = 0
    """Members of these stacks that no source lists and that were removed."""
    changes: list[StackChange] = field(default_factory=list)
    """The stacks of the sources, by key."""
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


_NOTES_SHOWN = 5


def change_notes(changes: Iterable[StackChange], incomplete: Sequence[str]) -> list[str]:
    """Sentences on the stacks that specs left, or stayed in though no source lists them.

    ``incomplete`` are sentences on stacks from which nothing was removed.
    """
    notes = []
    for change in changes:
        now = f"{change['key']}: {change['specs']} spec{'' if change['specs'] == 1 else 's'}"
        if change["removed"]:
            notes.append(f"{now}; {change['removed']} of before left")
        elif "kept" in change and not any(n.startswith(f"{change['key']}: ") for n in incomplete):
            notes.append(f"{now}; {change['kept']} of before that no source lists were kept")
    notes += incomplete
    if more := len(notes[_NOTES_SHOWN:]):
        notes[_NOTES_SHOWN:] = [f"specs of {more} more stacks left or were kept"]
    return notes


@dataclass
class ImportCounts:
    """The distinct values that the summary counts."""

    members: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """The hashes that the documents list of each stack that had specs before."""
    new_stacks: dict[str, int] = field(default_factory=dict)
    """The other stacks, and how many specs they have: 0 until all is loaded."""
    specs: set[str] = field(default_factory=set)
    """The specs of the documents, unless this is a first import."""
    first_specs: int | None = None
    """How many specs the documents have if the graph had none before; None if it had some.

    Then it is the graph that counts: sets of hashes would take as much memory as all else.
    """
    package_versions: set[tuple[str | None, str | None]] = field(default_factory=set)
    compilers: set[str | None] = field(default_factory=set)
    operating_systems: set[str | None] = field(default_factory=set)
    targets: set[str | None] = field(default_factory=set)
    dependencies: dict[str, int] = field(default_factory=dict)
    """How many dependencies each spec has; those of ``repeated`` specs only the graph knows."""
    repeated: set[str] = field(default_factory=set)
    """Specs whose dependencies several records describe."""
    required: set[str] = field(default_factory=set)
    """Hashes that a spec depends on."""
    roots: int = 0
    further_specs: int = 0
    """Specs of documents that were not parsed, and what else these list."""
    further_memberships: int = 0
    further_dependencies: int = 0
    stubs: int = 0
    """Specs that others depend on and no document has described."""
    further_roots: int = 0

    def add_dependencies(self, records: Iterable[SpecRecord], conflicting: Set[str]) -> None:
        """Counts the dependencies of records, but not of specs in conflict with the graph."""
        for record in records if self.first_specs is None else ():
            if record.dependencies and record.hash not in conflicting:
                if record.hash in self.dependencies:
                    self.repeated.add(record.hash)
                self.dependencies[record.hash] = len(record.dependencies)
                self.required.update(record.dependencies)

    def add_descriptions(self, described: Iterable[SpecRecord | SpecGroup]) -> None:
        """Counts what specs are described by."""
        descriptions = {id(one[1]): one[1] for one in described}
        if descriptions:
            columns: Any = Description._make(zip(*descriptions.values(), strict=True))
            self.package_versions.update(zip(columns.package, columns.version, strict=True))
            self.compilers.update(columns.compiler)
            self.operating_systems.update(columns.os)
            self.targets.update(columns.target)

    def write_to(self, summary: ImportSummary) -> None:
        """Fills in the counts of the summary."""
        stacks = {*self.members, *self.new_stacks}
        summary.stacks = len(stacks)
        summary.releases = len({StackKey.parse(stack).release for stack in stacks})
        specs = len(self.specs) if self.first_specs is None else self.first_specs
        summary.specs = specs + self.further_specs
        summary.packages = len({package for package, _ in self.package_versions} - {None})
        summary.package_versions = len(self.package_versions)
        summary.compilers = len(self.compilers - {None})
        summary.operating_systems = len(self.operating_systems - {None})
        summary.targets = len(self.targets - {None})
        memberships = sum(map(len, self.members.values())) + sum(self.new_stacks.values())
        summary.memberships = memberships + self.further_memberships
        summary.stubs = self.stubs
        summary.dependencies = sum(self.dependencies.values()) + self.further_dependencies
        summary.roots = self.roots + self.further_roots
