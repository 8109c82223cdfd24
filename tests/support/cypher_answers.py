"""What the files of ``cypher/`` answer on the sample, with the parameters that stand in them.

The README's table for the Neo4j Browser is made of it. Each answer is reduced to a few values,
which a server's rows and the program, walking a graph in memory, both have to give.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from cachegraph import Graph
from cachegraph.neo4j import cypher_files

E4S = "develop/e4s"
CPU, CUDA, ROCM = (f"develop/ml-linux-x86_64-{kind}" for kind in ("cpu", "cuda", "rocm"))
E4S_STACKS = ("e4s-24.02/gcc-cuda", "e4s-24.11/gcc-cuda")
Row = Mapping[str, Any]
Values = tuple[Any, ...]


class CypherAnswer(NamedTuple):
    """What the README says, with a place for each value; the values; and where they come from."""

    text: str
    values: Values
    of_rows: Callable[[Sequence[Row]], Values]
    of_program: Callable[[Graph], Values]

    @property
    def told(self) -> str:
        """The sentence of the README."""
        return self.text.format(*self.values)


def parameters_of(name: str) -> str:
    """The parameters in the comment of a file, as the Browser takes them; empty if it has none."""
    return "".join(re.findall(r"^// :param ({.*})$", cypher_files.read(name), re.MULTILINE))


def _depths(depths: Sequence[int]) -> Values:
    return depths.count(1), sum(depth > 1 for depth in depths)


def _changes(changes: Mapping[str, int]) -> Values:
    changed = changes["version"] + changes["variants"]
    return changes["added"], changes["removed"], changes["rebuilt"], changed


def _diff(graph: Graph) -> Values:
    """Each package of the two stacks has one spec, so specs are counted as packages."""
    counts = graph.diff(*E4S_STACKS)
    changed = {row["package"] for row in counts["changed"]}
    return (
        len({row["package"] for row in counts["added"]} - changed),
        len({row["package"] for row in counts["removed"]} - changed),
        len(counts["rebuilt"]),
        len(changed),
    )


def _impact(graph: Graph) -> Values:
    found = graph.impact(*E4S_STACKS, stacks="e4s-24.11/gcc-cpu")
    return found["builds"], found["cached"]


ON_SAMPLE = {
    "overlap": CypherAnswer(
        "draws both stacks and the {} specs that they share",
        (63,),
        lambda rows: (len(rows[0]["shared"]),),
        lambda graph: (graph.overlap(CPU, CUDA)["levels"]["hash"]["shared"],),
    ),
    "matrix": CypherAnswer(
        "`cpu` and `cuda` share {} specs; `e4s` shares {} with them",
        (63, 0),
        lambda rows: (
            sum(row["shared"] for row in rows if (row["left"], row["right"]) == (CPU, CUDA)),
            sum(row["shared"] for row in rows if row["left"] == E4S != row["right"]),
        ),
        lambda graph: (
            graph.overlap(CPU, CUDA)["levels"]["hash"]["shared"],
            graph.overlap(CPU, E4S)["levels"]["hash"]["shared"],
        ),
    ),
    "shared": CypherAnswer(
        "draws {} specs, of which {} are in all three stacks",
        (63, 13),
        lambda rows: (len(rows), sum(len(row["stacks"]) == 3 for row in rows)),
        lambda graph: tuple(
            len(graph.shared(CPU, CUDA, ROCM, at_least=least)["specs"]) for least in (2, 3)
        ),
    ),
    "unique": CypherAnswer(
        "draws the {} specs that only `cpu` has",
        (29,),
        lambda rows: (len(rows),),
        lambda graph: (len(graph.unique(CPU)["specs"]),),
    ),
    "diff": CypherAnswer(
        "{} packages added, {} removed, {} rebuilt, {} in another version or with other variants",
        (14, 2, 8, 17),
        lambda rows: _changes(Counter(row["change"] for row in rows)),
        _diff,
    ),
    "impact": CypherAnswer(
        "{} new builds, and {} that the cache has",
        (13, 28),
        lambda rows: tuple(row["builds"] for row in rows),
        _impact,
    ),
    "duplicates": CypherAnswer(
        "{} groups; the largest has {} builds of `py-ml-dtypes`",
        (9, 40),
        lambda rows: (len(rows), rows[0]["builds"]),
        lambda graph: (
            len(groups := graph.duplicates(E4S, CPU, CUDA)["groups"]),
            max(len(group["hashes"]) for group in groups),
        ),
    ),
    "blame": CypherAnswer(
        "`{}` makes {} builds redundant",
        ("zlib-ng", 4),
        lambda rows: tuple(value for row in rows for value in (row["package"], row["redundant"])),
        lambda graph: tuple(
            value
            for cause in graph.blame(release="e4s-24.11")["causes"]
            for value in (cause["package"], cause["redundant"])
        ),
    ),
    "whatif": CypherAnswer(
        "one `zlib-ng` would save {} builds at most",
        (5,),
        lambda rows: tuple(row["saves_at_most"] for row in rows if row["package"] == "zlib-ng"),
        lambda graph: (graph.what_if("zlib-ng +new_strategies", release="e4s-24.11")["saved"],),
    ),
    "prune": CypherAnswer(
        "draws the {} specs that would go with `cpu`",
        (29,),
        lambda rows: (len(rows),),
        lambda graph: (graph.prune(drop=CPU)["specs"],),
    ),
    "base": CypherAnswer(
        "both hold {} specs, which saves as many builds",
        (30,),
        lambda rows: (rows[0]["saved"],),
        lambda graph: (graph.base(release="e4s-24.11")["saved"],),
    ),
    "why": CypherAnswer(
        "`{}`: `{}` on the left, `{}` on the right",
        ("zlib-ng", "~new_strategies", "+new_strategies"),
        lambda rows: (rows[0]["package"], *rows[0]["left"], *rows[0]["right"]),
        lambda graph: tuple(
            value
            for cause in graph.why("/kc2bmnx", "/tqdtzdz")["causes"]
            for value in (cause["path"][-1], cause["left"], cause["right"])
        ),
    ),
    "deps": CypherAnswer(
        "draws `conduit`, {} specs that it links to or runs, and {} further below",
        (6, 2),
        lambda rows: _depths([row["depth"] for row in rows]),
        lambda graph: _depths(
            [
                row["depth"]
                for row in graph.deps("/4lop2wk", transitive=True, deptypes=["link", "run"])[
                    "specs"
                ]
            ]
        ),
    ),
    "dependents": CypherAnswer(
        "draws a `zlib-ng`, {} specs that depend on it, and {} further above",
        (4, 4),
        lambda rows: _depths([row["depth"] for row in rows]),
        lambda graph: _depths(
            [row["depth"] for row in graph.dependents("/6s7cgpm", transitive=True)["specs"]]
        ),
    ),
    "affected": CypherAnswer(
        "draws the same {} specs above it, with their stacks; {} of them are roots",
        (8, 4),
        lambda rows: (
            sum(row["depth"] > 0 for row in rows),
            sum(len(row["roots"]) for row in rows),
        ),
        lambda graph: (
            len((answer := graph.affected("/6s7cgpm"))["specs"]),
            len(answer["roots"]),
        ),
    ),
    "find": CypherAnswer(
        "draws {} specs",
        (23,),
        lambda rows: (len(rows),),
        lambda graph: (len(graph.find("py-mpi4py", stacks=[E4S])["specs"]),),
    ),
    "want": CypherAnswer(
        "draws {} specs",
        (28,),
        lambda rows: (len(rows),),
        lambda graph: (len(graph.find("py-mpi4py", stacks=[E4S, CPU])["specs"]),),
    ),
    "show": CypherAnswer(
        "draws `{}@{}` and the stacks that hold it: {}",
        ("py-mpi4py", "4.0.1", "`develop/e4s`, `develop/root`"),
        lambda rows: (
            rows[0]["spec"]["package"],
            rows[0]["spec"]["version"],
            ", ".join(sorted(f"`{stack['key']}`" for _, stack in rows[0]["stacks"])),
        ),
        lambda graph: (
            (card := graph.show("/2feova4")["specs"][0])["package"],
            card["version"],
            ", ".join(f"`{key}`" for key in card["stacks"]),
        ),
    ),
    "history": CypherAnswer(
        "{} hashes in {} versions",
        (91, 2),
        lambda rows: (len({row["hash"] for row in rows}), len({row["version"] for row in rows})),
        lambda graph: (
            len(specs := graph.find("py-mpi4py")["specs"]),
            len({row["version"] for row in specs}),
        ),
    ),
    "coverage": CypherAnswer(
        "{} specs of {} packages, all for {}",
        (144, 4, "`x86_64_v3`"),
        lambda rows: (
            sum(row["specs"] for row in rows),
            len(rows),
            "".join({f"`{row['value']}`" for row in rows}),
        ),
        lambda graph: (
            len(specs := graph.find("*", stacks=[E4S, CPU])["specs"]),
            len({row["package"] for row in specs}),
            "".join({f"`{row['target']}`" for row in specs}),
        ),
    ),
    "stacks": CypherAnswer(
        "{} stacks of `develop`, with `root`",
        (14,),
        lambda rows: (len(rows),),
        lambda graph: (len(graph.stacks(release="develop")["stacks"]),),
    ),
    "releases": CypherAnswer(
        "`develop` with {} specs, `e4s-24.02` with {}, `e4s-24.11` with {}",
        (390, 27, 49),
        lambda rows: tuple(row["specs"] for row in rows),
        lambda graph: tuple(row["specs"] for row in graph.releases()["releases"]),
    ),
    "stats": CypherAnswer(
        "{} specs, {} stacks, {} dependencies",
        (466, 17, 307),
        lambda rows: tuple(
            row["count"]
            for name in ("Spec", "Stack", "DEPENDS_ON")
            for row in rows
            if row["of"] == name
        ),
        lambda graph: (
            (answer := graph.stats())["nodes"]["Spec"],
            answer["nodes"]["Stack"],
            answer["relationships"]["DEPENDS_ON"],
        ),
    ),
    "verify": CypherAnswer(
        "{} hashes of the lock files are right; {} of pages are not known",
        (106, 390),
        lambda rows: tuple(
            sum(row["count"] for row in rows if row["verified"] is verified)
            for verified in (True, None)
        ),
        lambda graph: tuple(
            sum(source[name] for source in graph.verify()["sources"])
            for name in ("equal", "unknown")
        ),
    ),
}
"""By the name of the file, in the order of the README."""
