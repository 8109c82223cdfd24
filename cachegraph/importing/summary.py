"""What an import read, counted."""

from collections import defaultdict
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from cachegraph.model.spec import Description, SpecRecord
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
    kept: int = 0
    """Members of these stacks that the sources no longer list; they stay without ``replace``."""
    removed: int = 0
    """Such members that ``replace`` removed."""
    warnings: list[str] = field(default_factory=list)


@dataclass
class ImportCounts:
    """The distinct values that the summary counts."""

    members: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    specs: set[str] = field(default_factory=set)
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
    roots: set[tuple[str, str]] = field(default_factory=set)

    def add(self, records: Sequence[SpecRecord], conflicting: Set[str]) -> None:
        """Counts records; the dependencies of specs in conflict with the graph do not count."""
        for record in records:
            if record.dependencies and record.hash not in conflicting:
                if record.hash in self.dependencies:
                    self.repeated.add(record.hash)
                self.dependencies[record.hash] = len(record.dependencies)
                self.required.update([dependency[0] for dependency in record.dependencies])
        descriptions = {id(record[1]): record[1] for record in records}
        if descriptions:
            columns: Any = Description._make(zip(*descriptions.values(), strict=True))
            self.package_versions.update(zip(columns.package, columns.version, strict=True))
            self.compilers.update(columns.compiler)
            self.operating_systems.update(columns.os)
            self.targets.update(columns.target)

    def write_to(self, summary: ImportSummary) -> None:
        """Fills in the counts of the summary."""
        summary.stacks = len(self.members)
        summary.releases = len({StackKey.parse(stack).release for stack in self.members})
        summary.specs = len(self.specs)
        summary.packages = len({package for package, _ in self.package_versions} - {None})
        summary.package_versions = len(self.package_versions)
        summary.compilers = len(self.compilers - {None})
        summary.operating_systems = len(self.operating_systems - {None})
        summary.targets = len(self.targets - {None})
        summary.memberships = sum(map(len, self.members.values()))
        summary.dependencies = sum(self.dependencies.values())
        summary.roots = len(self.roots)
