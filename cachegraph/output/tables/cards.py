"""What is known of specs and packages."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cachegraph.model.schema import SPEC
from cachegraph.output.tables import Table
from cachegraph.output.tables.rows import SPEC_COLUMNS, listed, short, spec_cells


def show_tables(answer: Mapping[str, Any]) -> Iterator[Table]:
    """A package or the card of each spec."""
    for package in answer.get("packages", ()):
        yield Table("package", ("", package["name"]), [*_facts(package, _PACKAGE_FACTS)])
        by_stack = [*package["specs_by_stack"].items()]
        yield Table("stacks", ("stack", "specs"), by_stack)
        rows = [spec_cells(row) for row in package["specs"]]
        yield Table("specs", SPEC_COLUMNS, rows)
        return
    for spec in answer["specs"]:
        yield Table("spec", ("", f"/{spec['hash']}"), [*_facts(spec, _SPEC_FACTS)])
        yield listed("sources", ("location", "format", "format_version"), spec["sources"])
        needed = [
            (
                row.get("package", ""),
                row.get("version", ""),
                short(row["hash"]),
                " ".join(row.get("deptypes", ())),
                " ".join(row.get("virtuals", ())),
            )
            for row in spec["dependencies"]
        ]
        if needed:
            columns = ("depends on", "version", "hash", "deptypes", "virtuals")
            yield Table("dependencies", columns, needed)


_PACKAGE_FACTS = ("versions", "compilers", "operating_systems", "platforms", "targets")


_SPEC_FACTS = (
    *(p.name for p in SPEC.properties if p.on_card),
    "stacks",
    "roots",
    "requests",
    "dependents",
)


def _facts(answer: Mapping[str, Any], names: Sequence[str]) -> Iterator[tuple[str, Any]]:
    for name in names:
        value = answer.get(name)
        if value not in (None, []):
            between = "; " if name == "requests" else " "  # requests have blanks in them
            shown = between.join(value) if isinstance(value, list) else str(value)
            yield name.replace("_", " "), shown
    if "specs" in answer:
        yield "specs", str(len(answer["specs"]))
