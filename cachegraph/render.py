"""Answers as tables for a terminal, as TSV, CSV or JSON for the rest. Knows a terminal's width."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

_HASH = 7
_FEW = 20
_LEAST = 8
_GAP = "  "
_PATHS = ("location", "where")


class Table(NamedTuple):
    """One section of an answer."""

    section: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    note: str = ""


def as_json(answer: Mapping[str, Any]) -> str:
    """The answer as one JSON document."""
    import json

    return json.dumps(answer, indent=2, ensure_ascii=False) + "\n"


def as_tsv(tables: Sequence[Table]) -> str:
    """The sections as tab-separated lines under a header, with an empty line between them."""
    return "\n".join(_tab_separated([table.columns, *table.rows]) for table in tables)


def _tab_separated(rows: Sequence[Sequence[Any]]) -> str:
    text = "".join(["\t".join(map(str, row)) + "\n" for row in rows])
    # Hardly ever has a value a tab or a line end in it; counting tells.
    if text.count("\t") != sum(map(len, rows)) - len(rows) or text.count("\n") != len(rows):
        text = "".join(["\t".join(map(_flat, row)) + "\n" for row in rows])
    return text


def as_csv(tables: Sequence[Table]) -> str:
    """The sections as CSV, with an empty line between them."""
    import csv
    import io

    parts = []
    for table in tables:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([table.columns, *table.rows])
        parts.append(text.getvalue())
    return "\n".join(parts)


def _flat(value: object) -> str:
    return str(value).replace("\t", " ").replace("\n", " ")


def for_terminal(tables: Sequence[Table], *, colour: bool, everything: bool) -> str:
    """The sections as columns that fit the terminal; long ones end early if not ``everything``."""
    import shutil

    width = shutil.get_terminal_size().columns
    return "\n".join(_block(table, width, colour, everything) for table in tables)


def _block(table: Table, width: int, colour: bool, everything: bool) -> str:  # private
    import textwrap

    shown = table.rows if everything else table.rows[:_FEW]
    cells = [[_flat(value) for value in row] for row in (table.columns, *shown)]
    widths = _fitted(cells, width)
    numeric = [
        all(isinstance(row[place], (int, float)) for row in shown) for place in range(len(widths))
    ]
    paths = [name in _PATHS for name in table.columns]
    lines = [_line(row, widths, numeric, paths) for row in cells] if table.rows else []
    if colour and lines:
        lines[0] = f"\x1b[1m{lines[0]}\x1b[0m"
    if len(shown) < len(table.rows):
        lines.append(f"... {len(table.rows) - len(shown)} more: --all shows them")
    if table.rows and len(widths) < len(table.columns):
        lines.append(f"... {len(table.columns) - len(widths)} more columns: --csv has them")
    return "".join(f"{line}\n" for line in [*textwrap.wrap(table.note, width), *lines])


def _fitted(cells: Sequence[Sequence[str]], width: int) -> list[int]:
    """The widths of the columns that fit: wide ones are cut first, then the last are left out."""
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    least = [min(size, max(len(head), _LEAST)) for head, size in zip(cells[0], widths, strict=True)]
    while (excess := sum(widths) + len(_GAP) * (len(widths) - 1) - width) > 0 and len(widths) > 1:
        room = [size - low for size, low in zip(widths, least, strict=False)]
        widest = max(range(len(widths)), key=room.__getitem__)
        if room[widest]:
            widths[widest] -= min(excess, room[widest])
        else:
            widths.pop()
    return widths


def _line(
    row: Sequence[str], widths: Sequence[int], numeric: Sequence[bool], paths: Sequence[bool]
) -> str:
    fitting = (
        _cut(text, width, path) for text, width, path in zip(row, widths, paths, strict=False)
    )
    cells = (
        text.rjust(width) if right else text.ljust(width)
        for text, width, right in zip(fitting, widths, numeric, strict=False)
    )
    return _GAP.join(cells).rstrip()


def _cut(text: str, width: int, path: bool) -> str:
    """The text, cut to a width: a path at its beginning, where paths are alike."""
    if len(text) <= width:
        return text
    return "\u2026" + text[1 - width :] if path else text[: width - 1] + "\u2026"


def tables(answer: Mapping[str, Any]) -> list[Table]:
    """The sections of an answer, the most general first."""
    return [*_SECTIONS[answer["question"]](answer)]


def _load(answer: Mapping[str, Any]) -> Iterator[Table]:
    counts = (name for name in answer if name not in ("question", "location"))
    yield Table(
        "counts", ("loaded", "count"), [(name.replace("_", " "), answer[name]) for name in counts]
    )


def _import(answer: Mapping[str, Any]) -> Iterator[Table]:
    counted = [
        (name.replace("_", " "), value) for name, value in answer.items() if type(value) is int
    ]
    counted.append(("warnings", len(answer["warnings"])))
    columns = ("location", "format", "format_version", "specs", "warnings")
    yield Table("counts", ("imported", "count"), counted)
    yield _listed("sources", columns, answer["sources"])


def _stats(answer: Mapping[str, Any]) -> Iterator[Table]:
    yield Table("nodes", ("label", "nodes"), [*answer["nodes"].items()])
    yield Table("relationships", ("type", "relationships"), [*answer["relationships"].items()])


def _releases(answer: Mapping[str, Any]) -> Iterator[Table]:
    yield _listed("releases", ("name", "stacks", "specs"), answer["releases"])


def _stacks(answer: Mapping[str, Any]) -> Iterator[Table]:
    yield _listed("stacks", ("key", "specs", "roots"), answer["stacks"])


def _listed(section: str, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Table:
    return Table(section, columns, [[row[name] for name in columns] for row in rows])


_SPEC_COLUMNS = ("package", "version", "compiler", "os", "target", "hash", "variants")


def _spec_cells(row: Mapping[str, Any]) -> list[str]:
    plain = [row.get(name, "") for name in ("package", "version", "compiler", "os", "target")]
    return [*plain, f"/{row['hash'][:_HASH]}", " ".join(row.get("variants", ()))]


def _overlap(answer: Mapping[str, Any]) -> Iterator[Table]:
    yield _listed("stacks", ("key", "specs"), answer["stacks"])
    levels = [
        (name, level["shared"], level["union"], level["jaccard"])
        for name, level in answer["levels"].items()
    ]
    yield Table("levels", ("equal by", "shared", "of", "jaccard"), levels)
    shared = [_spec_cells(row) for row in answer["shared"]]
    note = f"{len(shared)} shared specs" if shared else "No spec is shared."
    yield Table("shared", _SPEC_COLUMNS, shared, note)
    apart = [
        (row["package"], row["version"], ", ".join(row["differs"]) or _HIDDEN)
        for row in answer["apart"]
    ]
    by = ", ".join(f"{name} {count}" for name, count in answer["apart_by"].items())
    note = f"{len(apart)} package-versions in all stacks without a shared spec; apart by {by}"
    yield Table("apart", ("package", "version", "differs"), apart, note)


_HIDDEN = "nothing visible in all: a combination, dependencies or the recipe"


def _matrix(answer: Mapping[str, Any]) -> Iterator[Table]:
    releases = {key.rpartition("/")[0] for key in answer["stacks"]}
    names = [key.rpartition("/")[2] if len(releases) == 1 else key for key in answer["stacks"]]
    pairs = [
        (names[j], names[i], answer["shared"][i][j], answer["jaccard"][i][j])
        for i in range(len(names))
        for j in range(i)
        if answer["shared"][i][j]
    ]
    pairs.sort(key=lambda pair: (-pair[2], pair[:2]))
    heads = [str(number) for number in range(1, len(names) + 1)]
    rows = [
        (number, name, *row)
        for number, name, row in zip(heads, names, answer["shared"], strict=True)
    ]
    yield Table("shared", ("", "stack", *heads), rows, f"Shared, by {answer['level']}")
    total = len(names) * (len(names) - 1) // 2
    note = f"{len(pairs)} of {total} pairs share something"
    yield Table("pairs", ("stack", "with", "shared", "jaccard"), pairs, note)


def _verify(answer: Mapping[str, Any]) -> Iterator[Table]:
    counts = ("specs", "equal", "different", "unknown", "dangling", "conflicts")
    rows = [
        (
            source["location"],
            *(source[name] for name in counts),
            ", ".join(f"{number} {why}" for why, number in source["reasons"].items()),
        )
        for source in answer["sources"]
    ]
    yield Table("sources", ("location", *counts, "why different"), rows)
    problems = [
        (
            problem["kind"],
            f"/{problem['hash'][:_HASH]}" if "hash" in problem else "",
            problem.get("package", ""),
            _problem(problem),
            problem.get("location", problem.get("stack", "")),
        )
        for problem in answer["problems"]
    ]
    note = f"{len(problems)} problems" if problems else "No problem."
    yield Table("problems", ("kind", "hash", "package", "what", "where"), problems, note)


def _problem(problem: Mapping[str, Any]) -> str:
    """What is wrong, in a few words."""
    match problem["kind"]:
        case "hash":
            gives = f"gives /{problem['recomputed'][:_HASH]}" if "recomputed" in problem else ""
            return ", ".join(filter(None, (problem["reason"], gives)))
        case "dangling":
            return f"/{problem['missing'][:_HASH]} is missing"
        case "conflict":
            return f"other {', '.join(problem['differs'])}".replace("_", " ")
    return " ".join(f"/{hash_[:_HASH]}" for hash_ in problem["hashes"])


def _show(answer: Mapping[str, Any]) -> Iterator[Table]:
    for package in answer.get("packages", ()):
        yield Table("package", ("", package["name"]), [*_facts(package, _PACKAGE_FACTS)])
        by_stack = [*package["specs_by_stack"].items()]
        yield Table("stacks", ("stack", "specs"), by_stack)
        rows = [_spec_cells(row) for row in package["specs"]]
        yield Table("specs", _SPEC_COLUMNS, rows)
        return
    for spec in answer["specs"]:
        yield Table("spec", ("", f"/{spec['hash']}"), [*_facts(spec, _SPEC_FACTS)])
        yield _listed("sources", ("location", "format", "format_version"), spec["sources"])
        needed = [
            (
                row.get("package", ""),
                row.get("version", ""),
                f"/{row['hash'][:_HASH]}",
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
    "package",
    "version",
    "variants",
    "flags",
    "compiler",
    "platform",
    "os",
    "target",
    "namespace",
    "package_hash",
    "external",
    "prefix",
    "modules",
    "verified",
    "recomputed",
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


def _query(answer: Mapping[str, Any]) -> Iterator[Table]:
    from cachegraph.cells import cell

    rows = [[cell(value) for value in row] for row in answer["rows"]]
    yield Table("rows", answer["columns"], rows, "" if rows else "No row.")


_SECTIONS: dict[str, Callable[[Mapping[str, Any]], Iterator[Table]]] = {
    "import": _import,
    "load": _load,
    "stats": _stats,
    "releases": _releases,
    "stacks": _stacks,
    "overlap": _overlap,
    "matrix": _matrix,
    "show": _show,
    "verify": _verify,
    "query": _query,
}
