"""Charts of made-up answers, whose figures are worked out by hand."""

from typing import Any
from xml.etree import ElementTree

import pytest

from cachegraph.output.charts import bars, chart_of
from cachegraph.output.charts.graphs import Drawing, as_dot, drawings_of
from cachegraph.output.charts.labels import labels, width
from cachegraph.output.charts.layers import is_bend, layered
from cachegraph.output.charts.rendering import render

EVERYTHING = {"everything": True, "text": ""}
LONG = "py-" + "a" * 30 + "b" * 30 + "-end"


# Labels ----------------------------------------------------------------------------------------


def test_long_labels_keep_both_ends() -> None:
    (label,) = labels([LONG])
    assert len(label) == 56
    assert label.startswith("py-aaa")
    assert label.endswith("bbb-end")
    assert "\u2026" in label


def test_labels_differ() -> None:
    assert labels(["zlib", "hdf5", "zlib"]) == ["zlib (1)", "hdf5", "zlib (3)"]
    # They differ in the middle, which is cut.
    one, other = LONG, LONG.replace("ab", "ac")
    assert len({*labels([one, other])}) == 2
    # What a terminal would obey is spelled out.
    assert labels(["a\u202eb"]) == ["a\\u202eb"]


def test_wide_letters_are_wide() -> None:
    assert width("illi") < width("abcd") < width("MWMW")
    assert width("\U0001f600" * 4) == width("MWMW")


# Names that are odd ----------------------------------------------------------------------------

ODD = [
    "\x00\x1b[31m\x07",
    "<script>alert(1)</script>",
    "]]>",
    "\"'&lt;&",
    "\u202e\u2066",
    "\ud800",
    "\ufffe\uffff",
    "\U0001f600",
    "\u05d0\u05d1",
    LONG,
    "null",
    "",
]


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("suffix", ["svg", "html"])
def test_odd_names(odd: str, suffix: str) -> None:
    keys = [f"r/{odd}", "r/other"]
    matrix = {
        "question": "matrix",
        "level": "hash",
        "stacks": keys,
        "shared": [[2, 1], [1, 1]],
        "jaccard": [[1.0, 0.5], [0.5, 1.0]],
        "scope": {"everything": False, "text": f"in {odd}"},
    }
    file = render(matrix, suffix)
    assert b"<script>alert" not in file
    if suffix == "svg":
        ElementTree.fromstring(file)


# Colours ---------------------------------------------------------------------------------------


def lightness(colour: str) -> float:
    """The relative luminance of a colour, as WCAG has it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *((bars.BLUE, bars.ORANGE), (bars.BLUE, bars.GREY)),
        *((bars.ORANGE, bars.RED), (bars.ORANGE, bars.GREEN)),
    ],
)
def test_neighbours_in_a_bar_differ_without_colours(one: str, other: str) -> None:
    darker, lighter = sorted(map(lightness, (one, other)))
    assert (lighter + 0.05) / (darker + 0.05) > 1.5


# Intersections ---------------------------------------------------------------------------------


def values(spec: Any, field: str) -> list[Any]:
    """The values of a field in all data of a specification, in their order."""
    if isinstance(spec, list):
        return [one for part in spec for one in values(part, field)]
    if not isinstance(spec, dict):
        return []
    rows = spec.get("data", {}).get("values", ())
    found = [row[field] for row in rows if field in row]
    return found + [one for part in spec.values() for one in values(part, field)]


def overlap(held: dict[str, int], shared: int) -> dict[str, Any]:
    """An answer of stacks whose names are letters; ``held`` is by the letters of the stacks."""
    stacks = sorted({*"".join(held)})
    sizes = {name: sum(n for some, n in held.items() if name in some) for name in stacks}
    level = {"shared": shared, "union": sum(held.values()), "jaccard": 0.0}
    return {
        "question": "overlap",
        "stacks": [{"key": f"r/{name}", "specs": size} for name, size in sizes.items()],
        "levels": dict.fromkeys(("hash", "alike", "spec", "version", "package"), level),
        "intersections": [
            {"stacks": [f"r/{name}" for name in some], "specs": count}
            for some, count in held.items()
        ],
        "apart_by": {"compiler": 0, "target": 2},
        "scope": EVERYTHING,
    }


def test_overlap_of_three() -> None:
    chart = chart_of(overlap({"a": 5, "ab": 3, "abc": 4, "c": 1}, 4))
    upset, levels, apart = chart.spec["vconcat"]
    heights = upset["vconcat"][0]
    assert values(heights, "specs") == [5, 4, 3, 1]
    # Of a's twelve specs seven are in other stacks, too, of b's seven all, of c's five four.
    sizes = upset["vconcat"][1]["hconcat"][1]
    assert values(sizes, "stack") == ["a", "a", "b", "b", "c", "c"]
    assert values(sizes, "specs") == [7, 5, 7, 0, 4, 1]
    assert values(levels, "count") == [4] * 5
    assert values(apart, "count") == [2]
    assert chart.description.startswith("4 of 13 specs are in all stacks, and 4 of 13 package")
    assert chart.description.endswith("4 intersections, the largest first: 5 in a.")


def test_what_one_of_many_stacks_holds_has_no_column() -> None:
    held = dict.fromkeys("abcdefghi", 9) | {"ab": 2, "hi": 3}
    upset = chart_of(overlap(held, 0)).spec["vconcat"][0]
    assert values(upset["vconcat"][0], "specs") == [3, 2]
    # Nine stacks that share nothing have bars by level alone.
    alone = chart_of(overlap(dict.fromkeys("abcdefghi", 9), 0))
    assert len(alone.spec["vconcat"]) == 2


def test_the_largest_of_very_many() -> None:
    keys = [f"r/s{number:03}" for number in range(130)]
    rows = [{"stacks": keys[:2]}, {"stacks": keys}, {"stacks": keys[125:]}]
    shared = {
        "question": "shared",
        "level": "hash",
        "at_least": 1,
        "stacks": [{"key": key, "specs": 3 + (place < 40)} for place, key in enumerate(keys)],
        "specs": rows,
        "scope": EVERYTHING,
    }
    chart = chart_of(shared)
    assert chart.title == "Which of 130 stacks hold what together, equal by hash"
    grid = chart.spec["vconcat"][1]["hconcat"][0]
    assert len({*values(grid, "stack")}) == 30
    assert "the 30 largest of 130 stacks" in str(grid)


def test_layers_have_a_bar_each_and_their_stacks_dots() -> None:
    stacks = [{"key": "r/a", "specs": 8, "after": 7}, {"key": "r/b", "specs": 5, "after": 5}]
    layers = [
        {"stacks": ["r/a", "r/b"], "specs": 3, "saved": 3},
        {"stacks": ["r/a"], "specs": 4, "saved": 0},
        {"stacks": ["r/b"], "specs": 2, "saved": 0},
    ]
    chart = chart_of({"question": "base", "stacks": stacks, "layers": layers})
    assert chart.title == "3 layers of 2 stacks: built once they save 3 builds"
    assert chart.description == "3 intersections, the largest first: 4 in a."
    heights, below = chart.spec["vconcat"]
    assert [bar["specs"] for bar in heights["data"]["values"]] == [4, 3, 2]
    dots = below["hconcat"][0]["layer"][1]["data"]["values"]
    assert [(dot["stack"], dot["member"]) for dot in dots[2:4]] == [("a", True), ("b", True)]


# Pins, versions, coverage ----------------------------------------------------------------------


def test_pins_add_up() -> None:
    steps = [
        {"pin": "zlib +pic", "after": 90, "saved": 10},
        {"pin": "mpi@4", "after": 84, "saved": 6},
        {"pin": "hdf5 ~mpi", "after": 83, "saved": 1},
    ]
    found = {"question": "what-if", "builds": 100, "after": 83, "saved": 17, "steps": steps}
    chart = chart_of(found)
    assert chart.title == "Of 100 builds 3 pins would save at most 17"
    assert values(chart.spec, "count") == [10, 16, 17]


def test_versions_are_in_order() -> None:
    lists = [["1.9", "9.9"], ["1.10", "3.5rc1", "3.5"], ["1.10", "develop"]]
    releases = [{"name": f"r{place}", "versions": some} for place, some in enumerate(lists)]
    chart = chart_of({"question": "history", "package": "p", "releases": releases})
    assert chart.description == "6 versions, from 1.9 to develop."
    order = chart.spec["encoding"]["y"]["sort"][::-1]
    assert order == ["1.9", "1.10", "3.5rc1", "3.5", "9.9", "develop"]


def test_coverage_names_stacks_as_tables_do() -> None:
    found = {
        "question": "coverage",
        "by": "stack",
        "columns": ["r/a", "r/b"],
        "rows": ["zlib", "hdf5"],
        "cells": [[0, 12], [1, 3]],
        "holes": 1,
    }
    chart = chart_of(found)
    assert {*values(chart.spec, "column")} == {"a", "b"}
    assert "[1, 10, 12]" in str(chart.spec)
    with pytest.raises(ValueError, match="no package has a spec of a known stack"):
        chart_of({**found, "rows": [], "cells": []})


# Layers ----------------------------------------------------------------------------------------


def test_a_line_past_a_layer_has_a_bend_there() -> None:
    edges = [("a", "b"), ("b", "c"), ("c", "d"), ("a", "d"), ("b", "d")]
    layers, lines = layered("abcd", edges)
    # The lines of a and of b to d pass c, and are one from there.
    assert [[key for key in layer if not is_bend(key)] for layer in layers] == [*map(list, "abcd")]
    assert [len(layer) for layer in layers] == [1, 2, 2, 1]
    assert len(lines) == 3 + 3 + 1
    with pytest.raises(ValueError, match="a cycle"):
        layered("ab", [("a", "b"), ("b", "a")])


# What is affected ------------------------------------------------------------------------------


def affected(stacks: int, roots: int) -> dict[str, Any]:
    """Of each stack so many roots depend on the one spec that fits, two dependencies away.

    Between them are two specs that all stacks hold.
    """
    keys = [f"r{place % 2}/s{place}" for place in range(stacks)]
    return {
        "question": "affected",
        "spec": "zlib",
        "matched": [{"hash": "z" * 32, "package": "zlib", "version": "1", "stacks": keys}],
        "specs": [
            *({"stacks": keys} for _ in range(2)),
            *({"stacks": [key]} for key in keys for _ in range(roots)),
        ],
        "stacks": [{"key": key, "matched": 1, "specs": 2 + roots, "roots": roots} for key in keys],
        "roots": [
            {
                "hash": f"{key}{place}",
                "package": "app",
                "version": "2",
                "stack": key,
                "depth": 2,
            }
            for key in keys
            for place in range(roots)
        ],
        "releases": ["r0", "r1"][:stacks],
        "scope": EVERYTHING,
    }


def shape(drawing: Drawing) -> tuple[int, int]:
    return len(drawing.nodes), len(drawing.edges)


def test_drawings_of_what_is_affected() -> None:
    # zlib, three stacks, six roots; a line from each stack to its roots, and from each of these.
    by_root, by_stack, by_release = drawings_of(affected(3, 2))
    assert shape(by_root) == (1 + 3 + 6, 6 + 6)
    assert shape(by_stack) == (1 + 3, 3)
    assert shape(by_release) == (1 + 2, 2)
    # What both stacks of r0 hold counts once: zlib and what is between, and two roots of each.
    assert [node.label for node in by_release.nodes] == [
        "zlib: 1 spec",
        "r0: 2 stacks, 4 roots, 7 specs",
        "r1: 1 stack, 2 roots, 5 specs",
    ]
    assert "app@2 /r0/s00, 2 away" in {node.label for node in by_root.nodes}
    assert as_dot(by_root).count("->") == 12


def test_a_root_that_fits_is_marked_and_a_stack_without_roots_is_there() -> None:
    found = affected(2, 1)
    found["roots"] = [{**found["roots"][0], "hash": "z" * 32, "depth": 0}]
    found["stacks"][1]["roots"] = 0
    by_root, _, _ = drawings_of(found)
    assert [node.key for node in by_root.nodes if node.is_marked] == ["asked", "z" * 32]
    assert {edge.start for edge in by_root.edges} == {"in r0/s0", "in r1/s1", "z" * 32}


@pytest.mark.parametrize(
    ("stacks", "by"), [(20, "by stack and root"), (130, "by stack"), (200, "by release")]
)
def test_what_is_affected_is_drawn_as_far_as_it_can_be_read(stacks: int, by: str) -> None:
    assert chart_of(affected(stacks, 3)).title == f"What depends on zlib, {by}"


def test_nothing_is_affected() -> None:
    with pytest.raises(ValueError, match="no spec fits"):
        chart_of({**affected(1, 1), "matched": []})
