"""Why specs are built more than once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from cachegraph.output.tables import Table
from cachegraph.output.tables.rows import SPEC_COLUMNS, listed, short, spec_cells

_RECIPE = 7


def why_tables(answer: Mapping[str, Any]) -> Iterator[Table]:
    """The two specs, and the causes with the ways there."""
    sides = [spec_cells(answer[side]) for side in ("left", "right")]
    yield Table("specs", SPEC_COLUMNS, sides)
    causes = answer["causes"]
    rows = [
        (
            " > ".join(cause["path"]),
            cause["kind"],
            cause["attribute"],
            _side(cause, "left"),
            _side(cause, "right"),
        )
        for cause in causes
    ]
    places = len({tuple(cause["path"]) for cause in causes})
    note = _count(places, "place") + " where they differ" if rows else "No cause is recorded."
    yield Table("causes", ("where", "kind", "attribute", "left", "right"), rows, note)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _side(cause: Mapping[str, Any], side: str) -> str:
    value = cause[side]
    if value is None:
        return "-"
    return _value(cause["kind"], value)


def _value(kind: str, value: str) -> str:
    return value[:_RECIPE] if kind == "recipe" else value


def _values(kind: str, values: Sequence[str]) -> str:
    shown = [_value(kind, value) for value in values[:3]]
    return ", ".join(shown) + (f", {len(values) - 3} more" if len(values) > 3 else "")  # noqa: PLR2004


_BLAMED = ("redundant", "alone", "groups", "package", "kind", "attribute", "values")


def blame_tables(answer: Mapping[str, Any]) -> Iterator[Table]:
    """The stacks, and the causes."""
    yield listed("stacks", ("key", "specs"), answer["stacks"])
    note = (
        f"{_count(answer['groups'], 'group')} of near-duplicates with "
        f"{_count(answer['redundant'], 'redundant build')}"
    )
    if answer["unknown"]:
        note += f"; of {answer['unknown']} no cause is recorded"
    yield Table("causes", _blamed_columns(answer), blamed(answer["causes"], answer), note)


def _blamed_columns(answer: Mapping[str, Any]) -> list[str]:
    several = len(answer["stacks"]) > 1
    told = any("roots" in cause for cause in answer["causes"])
    return [*_BLAMED, *["roots"] * told, *["stacks"] * several]


def blamed(causes: Sequence[Mapping[str, Any]], answer: Mapping[str, Any]) -> list[list[Any]]:
    """The rows of causes: how many roots they reach, and the stacks where there are several."""
    shown: dict[str, Callable[[Mapping[str, Any]], Any]] = {
        "values": lambda cause: _values(cause["kind"], cause["values"]),
        "roots": lambda cause: len(cause.get("roots", ())),
        "stacks": lambda cause: " ".join(cause["stacks"]),
    }
    return [
        [shown[name](cause) if name in shown else cause[name] for name in _blamed_columns(answer)]
        for cause in causes
    ]


def overlap_causes(answer: Mapping[str, Any]) -> Iterator[Table]:
    """Why what looks alike in all stacks is not shared."""
    note = "Causes for which what looks alike is not shared"
    yield Table("causes", _blamed_columns(answer), blamed(answer["causes"], answer), note)


def what_if_tables(answer: Mapping[str, Any]) -> Iterator[Table]:
    """The builds that would be left after each pin, and of which packages."""
    builds, saved = _count(answer["builds"], "build"), answer["saved"]
    note = f"Of {builds} at most {saved} would be saved: {answer['after']} would be left."
    steps = [(step["pin"], step["saved"], step["after"]) for step in answer["steps"]]
    yield Table("steps", ("pin", "saves at most", "leaves"), steps, note)
    yield listed("packages", ("package", "builds", "after"), answer["packages"])


def diff_tables(answer: Mapping[str, Any]) -> Iterator[Table]:
    """The sums, the causes of rebuilds, and the specs part by part."""
    yield _sums(answer)
    causes = [
        (
            cause["rebuilt"],
            cause["package"],
            cause["kind"],
            cause["attribute"],
            _side(cause, "left"),
            _side(cause, "right"),
        )
        for cause in answer["causes"]
    ]
    heads = ("rebuilt", "package", "kind", "attribute", "left", "right")
    note = "Causes of what was rebuilt only" if causes else ""
    yield Table("causes", heads, causes, note)
    rebuilt = [
        (row["package"], row["version"], short(row["from"]), short(row["to"]), _because(row))
        for row in answer["rebuilt"]
    ]
    columns = ("package", "version", "from", "to", "because of")
    yield Table("rebuilt", columns, rebuilt, f"{len(rebuilt)} rebuilt only")
    changed = [
        (row["package"], _versions(row["from"]), _versions(row["to"]), ", ".join(row["differs"]))
        for row in answer["changed"]
    ]
    note = f"{_count(len(changed), 'package')} changed"
    yield Table("changed", ("package", "from", "to", "differs"), changed, note)
    for part in ("added", "removed"):
        rows = [spec_cells(row) for row in answer[part]]
        yield Table(part, SPEC_COLUMNS, rows, f"{len(rows)} {part}")


def _sums(answer: Mapping[str, Any]) -> Table:
    left, right, rebuilt = answer["left"], answer["right"], len(answer["rebuilt"])
    changed = [sum(len(row[side]) for row in answer["changed"]) for side in ("from", "to")]
    rows = [
        ("kept", answer["kept"], answer["kept"]),
        ("rebuilt", rebuilt, rebuilt),
        ("changed", *changed),
        ("removed", len(answer["removed"]), ""),
        ("added", "", len(answer["added"])),
        ("specs", left["specs"], right["specs"]),
    ]
    return Table("sums", ("", left["key"], right["key"]), rows)


def _because(row: Mapping[str, Any]) -> str:
    causes = dict.fromkeys(f"{c['package']} {c['attribute']}" for c in row["causes"])
    return ", ".join(causes) or "nothing that is recorded"


def _versions(rows: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(dict.fromkeys(row.get("version", "") for row in rows))
