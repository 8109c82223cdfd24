"""What stacks can build once: by hand, by a naive count, and as a real Spack concretized it.

Three stacks, of which each holds all that its specs depend on::

    spec               left  mid  right  needs
    zlib                x     x     x
    xz                  x     x
    hdf5                x     x          zlib, xz
    curl                x           x    zlib
    left-app            x                hdf5, curl
    right-app                       x    curl
"""

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cachegraph
from tests.conftest import Load
from tests.support.corpus import layout_3, lock, needs, node, tiny_cache, view, write
from tests.support.made_up_pairs import Made, variants
from tests.support.realfiles import found, read
from tests.support.realfiles import lock as lock_file

ZLIB, XZ = node("zlib"), node("xz")
HDF5, CURL = node("hdf5", needs(ZLIB), needs(XZ)), node("curl", needs(ZLIB))
LEFT_APP, RIGHT_APP = node("left-app", needs(HDF5), needs(CURL)), node("right-app", needs(CURL))
HELD = {
    "left": (LEFT_APP, HDF5, CURL, ZLIB, XZ),
    "mid": (HDF5, ZLIB, XZ),
    "right": (RIGHT_APP, CURL, ZLIB),
}


def stack(folder: Path, name: str, *nodes: Made, roots: dict[str, Made] | None = None) -> Path:
    """A lock file, whose roots are the requests; without any the first node."""
    wanted = roots or {nodes[0]["name"]: nodes[0]}
    listed = [{"hash": one["hash"], "spec": text} for text, one in wanted.items()]
    return write(folder / name / "spack.lock", lock(*nodes, roots=listed))


def layers(answer: Any) -> list[tuple[list[str], int, int, list[int]]]:
    return [
        (
            [key.removeprefix("local/") for key in row["stacks"]],
            row["specs"],
            row["saved"],
            row["needs"],
        )
        for row in answer["layers"]
    ]


@pytest.fixture
def three(load_once: Load, module_path: Path) -> cachegraph.Graph:
    return load_once(*(stack(module_path, name, *nodes) for name, nodes in HELD.items()))


def test_layers(three: cachegraph.Graph) -> None:
    answer = three.base()
    assert layers(answer) == [
        (["left", "mid", "right"], 1, 2, []),  # zlib
        (["left", "mid"], 2, 2, [1]),  # xz and hdf5
        (["left", "right"], 1, 1, [1]),  # curl
        (["left"], 1, 0, [2, 3]),
        (["right"], 1, 0, [3]),
    ]
    # 5 + 3 + 3 specs, of which 6 are different; zlib, xz, hdf5, curl are in two or more.
    assert (answer["separate"], answer["union"], answer["saved"]) == (11, 6, 5)
    assert (answer["after"], answer["shared"], answer["all_layers"]) == (6, 4, 5)
    assert [row["package"] for row in answer["base"]] == ["curl", "hdf5", "xz", "zlib"]
    assert [row["package"] for row in answer["base"] if row["topmost"]] == ["curl", "hdf5"]
    assert (answer["pins"], answer["refused"]) == ([], [])
    assert "unified" not in answer
    assert "notes" not in answer


@pytest.mark.parametrize(
    ("count", "chosen", "packages"),
    [
        (1, [1], ["zlib"]),
        (2, [1, 2], ["hdf5", "xz", "zlib"]),
        (3, [1, 2, 3], ["curl", "hdf5", "xz", "zlib"]),
        (9, [1, 2, 3], ["curl", "hdf5", "xz", "zlib"]),  # the others save nothing
    ],
)
def test_layers_that_save_most(
    three: cachegraph.Graph, count: int, chosen: list[int], packages: list[str]
) -> None:
    answer = three.base(layers=count)
    assert [row["layer"] for row in answer["layers"]] == chosen
    assert [row["package"] for row in answer["base"]] == packages
    assert (answer["all_layers"], answer["saved"]) == (5, 5)


def test_some_stacks(three: cachegraph.Graph) -> None:
    assert layers(three.base("mid", "right")) == [
        (["mid", "right"], 1, 1, []),
        (["mid"], 2, 0, [1]),
        (["right"], 2, 0, [1]),
    ]


def test_bytes(load: Load, tmp_path: Path) -> None:
    sizes = {"zlib": 100, "curl": 30, "right-app": 7}
    folder = layout_3(tmp_path / "mirror", ZLIB, CURL, RIGHT_APP, sizes=sizes)
    view(folder, ZLIB, CURL, RIGHT_APP)
    view(folder, ZLIB, CURL, name="one")
    view(folder, ZLIB, CURL, RIGHT_APP, name="two")
    answer = load(folder).base()
    assert (answer["bytes"], answer["saved_bytes"]) == (137, 130)
    assert [(row["bytes"], row["saved_bytes"]) for row in answer["layers"]] == [(130, 130), (7, 0)]


# One stack as the model of others ---------------------------------------------------------------


def refused(answer: Any) -> list[tuple[str, str, str, list[str]]]:
    return [
        (row["package"], row["reason"], row.get("value", ""), row["by"])
        for row in answer["refused"]
    ]


@pytest.fixture
def unlike(load: Load, tmp_path: Path) -> cachegraph.Graph:
    """A model, and another stack with other variants of zlib, xz and ssl in its three solves.

    =====  ======  ====  ====  ====
    stack  root    zlib  xz    ssl   and what needs them
    =====  ======  ====  ====  ====
    model  app     +opt  +opt  +opt  curl (all three), tool (zlib, xz)
    other  first   ~opt  +opt  ~opt  curl (all three)
    other  second  ~opt  ~opt        tool (both), old (xz)
    other  ssl                 ~opt
    =====  ======  ====  ====  ====

    Old is the only package that is never there with xz +opt: it needs ~opt.
    """
    on = {name: node(name, parameters=variants(opt=True)) for name in ("zlib", "xz", "ssl")}
    off = {name: node(name, parameters=variants(opt=False)) for name in ("zlib", "xz", "ssl")}
    curl = node("curl", needs(on["zlib"]), needs(on["xz"]), needs(on["ssl"]))
    tool = node("tool", needs(on["zlib"]), needs(on["xz"]))
    app = node("app", needs(curl), needs(tool))
    model = stack(tmp_path, "model", app, curl, tool, *on.values())
    mine = node("curl", needs(off["zlib"]), needs(on["xz"]), needs(off["ssl"]))
    old = node("old", needs(off["xz"]))
    theirs = node("tool", needs(off["zlib"]), needs(off["xz"]))
    first, second = node("first", needs(mine)), node("second", needs(theirs), needs(old))
    nodes = (first, second, mine, theirs, old, off["zlib"], off["ssl"], on["xz"], off["xz"])
    roots = {"first": first, "second": second, "ssl~opt": off["ssl"]}
    return load(model, stack(tmp_path, "other", *nodes, roots=roots))


def test_unified(unlike: cachegraph.Graph) -> None:
    """Other keeps the ssl that is a root, the xz that old needs, and so the tool that needs it."""
    answer = unlike.base(unify="model")
    assert answer["unified"] == "local/model"
    # Common names are curl, tool, zlib, xz and ssl: all of model but app.
    assert [row["package"] for row in answer["base"]] == ["curl", "ssl", "tool", "xz", "zlib"]
    assert [row["package"] for row in answer["base"] if row["topmost"]] == ["curl", "tool"]
    assert refused(answer) == [
        ("ssl", "requested", "", ["ssl~opt"]),
        ("xz", "needed", "~opt", ["old"]),
        ("tool", "dependency", "", ["xz"]),
    ]


def test_what_stacks_become(unlike: cachegraph.Graph) -> None:
    """In the solve of first no root requests ssl ~opt: it takes curl, zlib and ssl.

    Before, six and nine specs, of which xz +opt is in both. Then other has first anew; curl, zlib,
    xz and ssl of the model; second and tool anew, with old and xz ~opt as they were; ssl ~opt.
    """
    answer = unlike.base(unify="model")
    assert [(row["specs"], row["after"], row["taken"]) for row in answer["stacks"]] == [
        (6, 6, 0),
        (9, 10, 3),
    ]
    assert (answer["separate"], answer["union"], answer["after"], answer["shared"]) == (
        15,
        14,
        12,
        4,
    )
    assert answer["notes"] == [
        "what stacks become is an estimate: the concretizer may choose otherwise"
    ]


def test_the_best_model(unlike: cachegraph.Graph) -> None:
    """As above, 12 builds are left with the model.

    With other 11: model takes its curl, zlib ~opt and ssl ~opt, but not tool, which needs xz ~opt.
    So app and tool are built anew, and all else is in other.
    """
    best = unlike.base(unify="best")
    assert (best["unified"], best["after"]) == ("local/other", 11)
    assert refused(best) == [("tool", "dependency", "", ["xz"])]
    assert [(row["after"], row["taken"]) for row in best["stacks"]] == [(6, 3), (9, 0)]


def test_a_root_of_the_solve_requests_another(load: Load, tmp_path: Path) -> None:
    """The environment is one solve: each package is there once."""
    on, off = (node("ssl", parameters=variants(new=new)) for new in (True, False))
    model = stack(tmp_path, "model", node("app", needs(on)), on)
    nodes = (node("tool", needs(off)), off)
    for text in ("ssl~new", "tool ^ssl~new"):
        roots = {text: nodes[1 if text.startswith("ssl") else 0], "tool": nodes[0]}
        folder = tmp_path / text.replace(" ", "-").replace("^", "")
        answer = load(model, stack(folder, "other", *nodes, roots=roots)).base(unify="model")
        assert refused(answer)[0] == ("ssl", "requested", "", [text])


def test_another_place(load: Load, tmp_path: Path) -> None:
    arch = {"platform": "linux", "platform_os": "debian12", "target": "x86_64_v3"}
    external = {"path": "/usr", "module": None}
    one, two = node("zlib"), node("zlib", arch=arch)
    gcc, other = node("gcc", external=external), node("gcc", version="2", external=external)
    graph = load(stack(tmp_path, "a", one, gcc), stack(tmp_path, "b", two, other))
    assert refused(graph.base(unify="a")) == [
        ("gcc", "external", "", []),
        ("zlib", "os", "debian12", []),
    ]


def test_pages_tell_nothing_to_unify(load: Load, tmp_path: Path) -> None:
    answer = load(tiny_cache(tmp_path / "site")).base(unify="left")
    assert answer["after"] == answer["union"]
    assert answer["notes"][1] == (
        "no dependencies are recorded of 9 of 9 specs: what these need cannot be known"
    )


def test_names_of_models(three: cachegraph.Graph) -> None:
    with pytest.raises(cachegraph.NotFoundError, match="no stack lfet"):
        three.base(unify="lfet")
    # One that is not among the stacks is added to them.
    answer = three.base("mid", unify="local/left")
    assert [row["key"] for row in answer["stacks"]] == ["local/mid", "local/left"]


def test_pins_first(load: Load, tmp_path: Path) -> None:
    """With one value of opt there is one zlib, and one curl of it: three builds, not five."""
    nodes = []
    for opt in (True, False):
        zlib = node("zlib", parameters=variants(opt=opt))
        nodes.append((node("curl", needs(zlib)), zlib))
    app = node("app", needs(nodes[0][0]))
    one, two = stack(tmp_path, "one", app, *nodes[0]), stack(tmp_path, "two", *nodes[1])
    graph = load(one, two)
    answer = graph.base(pins=3)
    assert (answer["union"], answer["after"], answer["shared"]) == (5, 3, 2)
    (pin,) = answer["pins"]
    assert (pin["pin"][:5], pin["after"], pin["saved"]) == ("zlib ", 3, 2)
    assert [row["specs"] for row in answer["layers"]] == [2, 1]
    assert graph.base()["after"] == 5


# A naive count ----------------------------------------------------------------------------------

MOST_STACKS, MOST_SPECS = 6, 12
Case = tuple[list[list[int]], list[set[int]]]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """What each spec needs of those before it, and what each stack holds with all it needs."""
    below = [
        draw(st.lists(st.integers(0, n - 1), max_size=3, unique=True)) if n else []
        for n in range(draw(st.integers(1, MOST_SPECS)))
    ]
    stacks = []
    for _ in range(draw(st.integers(1, MOST_STACKS))):
        held: set[int] = set()
        waiting = draw(st.lists(st.integers(0, len(below) - 1), min_size=1, max_size=4))
        while waiting:
            held.add(one := waiting.pop())
            waiting += below[one]
        stacks.append(held)
    return below, stacks


def naive_layers(case: Case) -> dict[frozenset[int], set[int]]:
    below, stacks = case
    found: dict[frozenset[int], set[int]] = {}
    for spec in range(len(below)):
        holders = frozenset(place for place, held in enumerate(stacks) if spec in held)
        if holders:
            found.setdefault(holders, set()).add(spec)
    return found


def best_by_trying_all(case: Case, count: int) -> int:
    """What the best choice of layers saves that needs no other layer."""
    below, _ = case
    found = naive_layers(case)
    of = {spec: holders for holders, specs in found.items() for spec in specs}
    needs_of = {h: {of[e] for s in specs for e in below[s]} - {h} for h, specs in found.items()}
    best = 0
    for size in range(1, count + 1):
        for chosen in combinations(found, size):
            if all(needs_of[one] <= {*chosen} for one in chosen):
                best = max(best, sum(len(found[one]) * (len(one) - 1) for one in chosen))
    return best


def imported(folder: Path, case: Case) -> cachegraph.Graph:
    below, stacks = case
    nodes: list[Made] = []
    for number, ends in enumerate(below):
        nodes.append(node(f"p{number}", *(needs(nodes[end]) for end in ends)))
    graph = cachegraph.open(":memory:")
    paths = [
        stack(folder, f"s{place}", *(nodes[n] for n in sorted(held)))
        for place, held in enumerate(stacks)
    ]
    graph.import_(*paths)
    return graph


@given(case=cases())
def test_layers_as_a_naive_count_finds_them(
    case: Case, tmp_path_factory: pytest.TempPathFactory
) -> None:
    below, stacks = case
    answer: Any = imported(tmp_path_factory.mktemp("case"), case).base()
    expected = naive_layers(case)
    rows = {frozenset(int(key[-1]) for key in row["stacks"]): row for row in answer["layers"]}
    assert {holders: row["specs"] for holders, row in rows.items()} == {
        holders: len(specs) for holders, specs in expected.items()
    }
    of = {spec: holders for holders, specs in expected.items() for spec in specs}
    number = {holders: row["layer"] for holders, row in rows.items()}
    for holders, specs in expected.items():
        needed = {of[end] for spec in specs for end in below[spec]} - {holders}
        assert all(holders < other for other in needed)  # only layers of more stacks
        assert rows[holders]["needs"] == sorted(number[other] for other in needed)
    union = set[int]().union(*stacks)
    assert answer["saved"] == sum(map(len, stacks)) - len(union)
    assert answer["saved"] == sum(row["saved"] for row in answer["layers"])


@given(case=cases(), count=st.integers(1, 4))
def test_the_loss_of_greedy_choices(
    case: Case, count: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """What it needs is chosen too. In 6,000 random cases of this size nothing was lost at all."""
    answer: Any = imported(tmp_path_factory.mktemp("case"), case).base(layers=count)
    numbers = {row["layer"] for row in answer["layers"]}
    assert len(numbers) <= count
    assert all({*row["needs"]} <= numbers for row in answer["layers"])
    best = best_by_trying_all(case, count)
    assert best * 3 / 4 <= sum(row["saved"] for row in answer["layers"]) <= best


# A real Spack -----------------------------------------------------------------------------------

BASE = "spack-real/pins/base2.lock.gz"


@pytest.fixture
def two(real: Load) -> cachegraph.Graph:
    return real(*(found(lock_file(name)) for name in ("build_systems", "developer-tools")))


def test_what_two_real_environments_share(two: cachegraph.Graph) -> None:
    answer = two.base()
    assert (answer["separate"], answer["union"], answer["shared"]) == (74 + 204, 228, 50)
    assert [row["specs"] for row in answer["layers"]] == [50, 154, 24]
    # What both share already is no reason to build less.
    assert len([row for row in answer["base"] if row["topmost"]]) == 18


def test_a_base_that_spack_concretized(two: cachegraph.Graph) -> None:
    """The README of these files has what Spack made of the two environments with this base."""
    answer: Any = two.base(unify="developer-tools")
    expected = read(BASE)
    assert {row["hash"] for row in answer["base"]} == {*expected.specs}
    assert len(expected.specs) == 59
    roots = {root["hash"] for root in json.loads(_text(BASE))["roots"]}
    assert {row["hash"] for row in answer["base"] if row["topmost"]} == roots
    assert len(roots) == 14
    assert (answer["union"], answer["after"], answer["shared"]) == (228, 218, 59)
    assert [(row["specs"], row["after"]) for row in answer["stacks"]] == [(74, 73), (204, 204)]
    # R needs curl +libidn2, so that its cmake is another; autotools is what the root asks for.
    assert refused(answer) == [
        ("uncrustify", "requested", "", ["uncrustify build_system=autotools"]),
        ("curl", "needed", "+libidn2", ["r"]),
        ("cmake", "dependency", "", ["curl"]),
    ]


@pytest.mark.newest
def test_pins_of_a_real_environment(real: Load) -> None:
    """One value of zlib-ng's new_strategies leaves 136 of 164, as Spack found, too."""
    answer = real(found(lock_file("radiuss"))).base(pins=1)
    assert (answer["union"], answer["after"]) == (164, 136)


def _text(path: str) -> bytes:
    import gzip

    return gzip.decompress(found(path).read_bytes())
