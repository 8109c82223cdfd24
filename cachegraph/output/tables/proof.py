"""How sources stand to their hashes."""

from collections.abc import Iterator, Mapping
from typing import Any

from cachegraph.output.tables import Table
from cachegraph.output.tables.rows import short


def verify_tables(answer: Mapping[str, Any]) -> Iterator[Table]:
    """The sources, then what is wrong."""
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
            short(problem["hash"]) if "hash" in problem else "",
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
            gives = f"gives {short(problem['recomputed'])}" if "recomputed" in problem else ""
            return ", ".join(filter(None, (problem["reason"], gives)))
        case "dangling":
            return f"{short(problem['missing'])} is missing"
        case "conflict":
            return f"other {', '.join(problem['differs'])}".replace("_", " ")
    return " ".join(map(short, problem["hashes"]))
