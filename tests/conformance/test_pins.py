"""Values of pins, who needs them, what they come to: by hand, by real solves, by an oracle."""

from pathlib import Path
from typing import Any

import pytest
import yaml

import cachegraph
from tests.conftest import FIXTURES, Load
from tests.oracles import documents as oracle
from tests.oracles.pins import needed_by, pinned
from tests.support.corpus import index, lock, needs, node, write
from tests.support.made_up_pairs import Made, variants
from tests.support.realfiles import found, here, read
from tests.support.realfiles import lock as lock_file


def environment(folder: Path, name: str, *nodes: Made, **requests: Made) -> Path:
    """A lock file; the names of roots are what was asked for."""
    roots = [{"hash": root["hash"], "spec": text} for text, root in requests.items()]
    made = lock(*nodes, roots=roots) if requests else lock(*nodes)
    return write(folder / name / "spack.lock", made)


def zlibs(**more: Any) -> list[Made]:
    """Zlib without and with pic."""
    return [node("zlib", parameters=variants(pic=pic), **more) for pic in (False, True)]


def figures(answer: Any) -> tuple[int, int, int, int]:
    return answer["builds"], answer["after"], answer["saved"], answer["new"]


def packages(demands: Any) -> list[tuple[str, str, str]]:
    return [(one["package"], one["value"], one.get("request", "")) for one in demands]


# Who needs a value -------------------------------------------------------------------------------


def separate(folder: Path) -> Path:
    """Three roots, each concretized alone: hdf5 needs zlib~pic, the others came with +pic.

    =====  =====  =======
    root   cmake  zlib
    =====  =====  =======
    hdf5   one    ~pic
    one    other  +pic
    two    other  +pic
    =====  =====  =======
    """
    plain, pic = zlibs()
    cmakes = [node("cmake", needs(zlib, virtuals=["zlib-api"])) for zlib in (plain, pic)]
    hdf5 = node("hdf5", needs(cmakes[0]), needs(plain, virtuals=["zlib-api"]))
    one, two = (
        node(name, needs(cmakes[1]), needs(pic, virtuals=["zlib-api"])) for name in ("one", "two")
    )
    return environment(
        folder, "apps", hdf5, one, two, *cmakes, plain, pic, hdf5=hdf5, one=one, two=two
    )


def test_the_value_that_a_package_needs_and_not_the_commonest(load: Load, tmp_path: Path) -> None:
    """Seven builds: with zlib~pic one zlib and one cmake less, and new are only one and two."""
    answer: Any = load(separate(tmp_path)).what_if(best=1)
    assert answer["pins"] == ["zlib ~pic"]
    assert figures(answer) == (7, 5, 2, 2)
    (step,) = answer["steps"]
    assert (step["after"], step["saved"], step["new"]) == (5, 2, 2)
    assert packages(step["needed_by"]) == [("hdf5", "~pic", "")]
    assert step["against"] == []
    assert step["provides"] == {"zlib-api": ["zlib"]}
    assert step["require"] == {"zlib": ["~pic"], "zlib-api": ["zlib"]}
    assert "others" not in answer


def test_what_speaks_against_another_value(load: Load, tmp_path: Path) -> None:
    """With +pic hdf5 alone is new."""
    answer: Any = load(separate(tmp_path)).what_if("zlib +pic")
    assert figures(answer) == (7, 5, 2, 1)
    (step,) = answer["steps"]
    assert step["needed_by"] == []
    assert packages(step["against"]) == [("hdf5", "~pic", "")]


def test_as_packages_yaml(load: Load, tmp_path: Path) -> None:
    answer: Any = load(separate(tmp_path)).what_if(best=1, yaml=True)
    assert answer["yaml"] == (
        "# Pins for local/apps: of 7 builds at least 5 are left, of which 2 are new.\n"
        "packages:\n"
        "  zlib:\n"
        "    require:\n"
        "    # zlib ~pic: saves 2 of 7 builds at most, and leaves 5, of which 2 are new.\n"
        "    # Needed by hdf5.\n"
        '    - "~pic"\n'
        "  zlib-api:\n"
        "    require:\n"
        "    # zlib ~pic: no other package is to be taken in its place.\n"
        '    - "zlib"\n'
    )


def test_names_in_the_data_are_no_yaml_of_their_own(load: Load, tmp_path: Path) -> None:
    """A virtual and a request as nobody writes them."""
    plain, pic = zlibs()
    virtual = "on: {x}\n- y\x1b"
    apps = [node("app", needs(zlib, virtuals=[virtual])) for zlib in (plain, pic)]
    request = "zlib ~pic\n  evil: true\x07"
    nodes = [*apps, plain, pic]
    path = environment(tmp_path, "odd", *nodes, **{"a": apps[0], "b": apps[1], request: plain})
    graph = load(path)
    answer: Any = graph.what_if("zlib ~pic", yaml=True)
    expected = {"zlib": {"require": ["~pic"]}, virtual: {"require": ["zlib"]}}
    assert yaml.safe_load(answer["yaml"]) == {"packages": expected}
    (cause,) = graph.blame(fix=True)["causes"]
    assert {*yaml.safe_load(cause["fix"])["packages"]} == {"zlib", virtual}


def test_a_virtual_of_several_providers_is_left_alone(load: Load, tmp_path: Path) -> None:
    ng = node("zlib-ng")
    nano = node("nano", needs(ng, virtuals=["zlib-api"]))
    path = environment(tmp_path, "editors", nano, ng, nano=nano)
    graph = load(separate(tmp_path), path)
    answer: Any = graph.what_if("zlib ~pic", yaml=True)
    (step,) = answer["steps"]
    assert step["provides"] == {"zlib-api": ["zlib", "zlib-ng"]}
    assert step["require"] == {"zlib": ["~pic"]}
    assert "    # zlib-api is provided by zlib, zlib-ng: it is not pinned.\n" in answer["yaml"]


def test_a_stack_with_one_spec_of_each_package_is_one_solve(load: Load, tmp_path: Path) -> None:
    """Taken root by root, no package would come with ~pic each time: tool has no hdf5."""
    plain, pic = zlibs()
    hdf5, tools = node("hdf5", needs(plain)), [node("tool", needs(zlib)) for zlib in (plain, pic)]
    graph = load(
        environment(tmp_path, "left", hdf5, tools[0], plain, hdf5=hdf5, tool=tools[0]),
        environment(tmp_path, "right", tools[1], pic, tool=tools[1]),
    )
    (step,) = graph.what_if("zlib ~pic")["steps"]
    assert packages(step["needed_by"]) == [("hdf5", "~pic", "")]


def test_a_root_asks_for_a_value(load: Load, tmp_path: Path) -> None:
    """In two stacks the commonest is +pic; the root of one of them asks for ~pic."""
    plain, pic = zlibs()
    apps = [node("app", needs(zlib)) for zlib in (plain, pic)]
    tool = node("tool", needs(pic))
    left = environment(tmp_path, "left", apps[0], plain, **{"app": apps[0], "zlib~pic": plain})
    right = environment(tmp_path, "right", apps[1], tool, pic, app=apps[1], tool=tool)
    graph = load(left, right)
    (step,) = graph.what_if(best=1)["steps"]
    assert step["pin"] == "zlib ~pic"
    assert step["needed_by"] == [
        {"package": "zlib", "value": "~pic", "request": "zlib~pic", "stack": "local/left"}
    ]
    assert packages(step["against"]) == [("tool", "+pic", "")]
    (step,) = graph.what_if("zlib +pic")["steps"]
    assert packages(step["against"]) == [("zlib", "~pic", "zlib~pic")]


def test_a_request_that_all_values_fit_says_nothing(load: Load, tmp_path: Path) -> None:
    old, new = (node("zlib", version=version) for version in ("1.2", "1.3"))
    apps = [node("app", needs(zlib)) for zlib in (old, new)]
    graph = load(
        environment(tmp_path, "left", apps[0], old, **{"app ^zlib@1.1:": apps[0]}),
        environment(tmp_path, "right", apps[1], new, **{"app ^zlib@1.3:": apps[1]}),
    )
    (step,) = graph.what_if("zlib@=1.3")["steps"]
    assert packages(step["needed_by"]) == [("app", "1.3", "app ^zlib@1.3:")]
    assert step["against"] == []


def test_the_oldest_version_that_a_package_needs(load: Load, tmp_path: Path) -> None:
    """Each version has a package of its own: 1.9 is older than 1.10."""
    old, new = (node("zlib", version=version) for version in ("1.9", "1.10"))
    nodes = [node(name, needs(zlib)) for name, zlib in (("one", old), ("two", new))]
    apps = [node("app", needs(zlib)) for zlib in (old, new)]
    graph = load(
        environment(tmp_path, "left", apps[0], nodes[0], old, app=apps[0], one=nodes[0]),
        environment(tmp_path, "right", apps[1], nodes[1], new, app=apps[1], two=nodes[1]),
    )
    (step,) = graph.what_if(best=1)["steps"]
    assert step["pin"] == "zlib@=1.9"
    assert packages(step["needed_by"]) == [("one", "1.9", "")]
    assert packages(step["against"]) == [("two", "1.10", "")]


def test_a_list_is_pinned_as_it_is(load: Load, tmp_path: Path) -> None:
    """The commonest, for nobody needs either; no value may be added to it: ``:=``."""
    kinds = [node("zlib", parameters=variants(libs=libs)) for libs in (["shared"], ["a", "shared"])]
    nodes = [node(name, needs(kinds[0])) for name in ("app", "tool")]
    nodes += [node("app", needs(kinds[1])), node("tool", needs(kinds[1]))]
    roots = dict(zip("abcd", nodes, strict=True))
    answer = load(environment(tmp_path, "apps", *nodes, *kinds, **roots)).what_if(best=1)
    assert answer["pins"] == ["zlib libs:=a,shared"]
    assert figures(answer)[1] == 3


# What is left -----------------------------------------------------------------------------------


def certificates(folder: Path) -> list[Path]:
    """Two stacks, six builds.

    =====  =======================================================
    left   app > openssl certs=mozilla > ca > perl
    right  app, git > openssl certs=system, which is a root itself
    =====  =======================================================
    """
    perl = node("perl")
    ca = node("ca", needs(perl, "build"))
    ours = node("openssl", needs(ca), parameters=variants(certs="mozilla"))
    theirs = node("openssl", parameters=variants(certs="system"))
    apps = [node("app", needs(openssl)) for openssl in (ours, theirs)]
    git = node("git", needs(theirs))
    return [
        environment(folder, "left", apps[0], ours, ca, perl, app=apps[0]),
        environment(
            folder, "right", apps[1], git, theirs,
            **{"app": apps[1], "git": git, "openssl certs=system": theirs},
        ),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("pin", "expected", "shared"),
    [
        # One openssl and one app; ca is not needed, and then perl is not. All are there already.
        ("openssl certs=system", (7, 3, 4, 0), (0, 2)),
        # One openssl and one app, and a new git; openssl of right needs ca as well.
        ("openssl certs=mozilla", (7, 5, 2, 1), (0, 4)),
        # Nobody knows what another value needs: nothing goes but one openssl and one app.
        ("openssl certs=own", (7, 5, 2, 3), (0, 4)),
    ],
)
def test_what_only_other_values_need_goes(
    load: Load, tmp_path: Path, pin: str, expected: tuple[int, ...], shared: tuple[int, int]
) -> None:
    answer: Any = load(*certificates(tmp_path)).what_if(pin)
    assert figures(answer) == expected
    assert (answer["shared"], answer["shared_after"]) == shared


def test_what_only_other_values_need_is_not_the_best_value_s(load: Load, tmp_path: Path) -> None:
    answer: Any = load(*certificates(tmp_path)).what_if(best=3)
    assert answer["pins"] == ["openssl certs=system"]
    assert answer["packages"] == [
        {"package": "app", "builds": 2, "after": 1},
        {"package": "ca", "builds": 1, "after": 0},
        {"package": "openssl", "builds": 2, "after": 1},
        {"package": "perl", "builds": 1, "after": 0},
    ]


def test_what_is_a_root_as_well_stays(load: Load, tmp_path: Path) -> None:
    """Perl is asked for: only ca goes."""
    perl = node("perl")
    path = environment(tmp_path, "more", perl, perl=perl)
    assert figures(load(*certificates(tmp_path), path).what_if("openssl certs=system"))[:2] == (
        7,
        4,
    )


def test_what_only_some_specs_of_a_value_need_stays(load: Load, tmp_path: Path) -> None:
    """Three openssl: those with certs=mozilla need ca, and the one with docs needs perl.

    With certs=system ca goes; the one with docs still needs perl, so its app stays another.
    """
    perl, ca = node("perl"), node("ca")
    kinds = [
        node("openssl", *needed, parameters=variants(certs=certs, docs=docs))
        for certs, docs, needed in (
            ("mozilla", False, [needs(ca)]),
            ("mozilla", True, [needs(ca), needs(perl)]),
            ("system", False, []),
        )
    ]
    apps = [node("app", needs(one)) for one in kinds]
    roots = dict(zip("abc", apps, strict=True))
    graph = load(environment(tmp_path, "apps", *apps, *kinds, perl, ca, **roots))
    # One app and one openssl less, and ca; the other openssl, its app and perl are left.
    assert figures(graph.what_if("openssl certs=system")) == (8, 5, 3, 2)


def test_where_no_roots_are_known_what_nothing_needs_stays(load: Load, tmp_path: Path) -> None:
    perl, system = node("perl"), node("openssl", parameters=variants(certs="system"))
    ca = node("ca", needs(perl))
    mozilla = node("openssl", needs(ca), parameters=variants(certs="mozilla"))
    apps = [node("app", needs(openssl)) for openssl in (mozilla, system)]
    nodes = [*apps, mozilla, system, ca, perl, node("tool")]
    path = write(tmp_path / "cache" / "index.json", index(*nodes))
    answer: Any = load(path).what_if("openssl certs=system", all_releases=True)
    assert figures(answer) == (7, 3, 4, 0)


def test_what_a_pin_in_one_stack_does_to_the_union(load: Load, tmp_path: Path) -> None:
    """Left has both values of zlib and right one of them.

    With ~pic left is zlib~pic, hdf5 and a new app, and shares nothing; with +pic it is all of right
    and a new hdf5.
    """
    plain, pic = zlibs()
    app, hdf5 = node("app", needs(pic)), node("hdf5", needs(plain))
    graph = load(
        environment(tmp_path, "left", app, hdf5, plain, pic, app=app, hdf5=hdf5),
        environment(tmp_path, "right", app, pic, app=app),
    )
    answer: Any = graph.what_if("zlib ~pic", stacks="left")
    assert figures(answer) == (4, 3, 1, 1)
    assert answer["others"] == {
        "stacks": 1, "specs": 2, "union": 4, "union_after": 5, "shared": 2, "shared_after": 0
    }  # fmt: skip
    answer = graph.what_if("zlib +pic", stacks="left")
    assert figures(answer) == (4, 3, 1, 1)
    assert answer["others"]["union_after"] == answer["others"]["specs"] + 1
    assert "others" not in graph.what_if("zlib ~pic")


def test_what_other_stacks_have_already_is_not_new(load: Load, tmp_path: Path) -> None:
    """Right has app and tool with zlib~pic, as left would have them; its xz is another."""
    plain, pic = zlibs()
    xzs = [node("xz", version=version) for version in ("5.4", "5.6")]
    ours = [node("app", needs(pic)), node("tool", needs(pic), needs(xzs[0]))]
    theirs = [node("app", needs(plain)), node("tool", needs(plain), needs(xzs[1]))]
    left = environment(tmp_path, "left", *ours, pic, xzs[0], app=ours[0], tool=ours[1])
    right = environment(tmp_path, "right", *theirs, plain, xzs[1], app=theirs[0], tool=theirs[1])
    answer: Any = load(left, right).what_if("zlib ~pic", stacks="left")
    # Left stays of four builds: zlib and app are those of right, xz is its own, tool is new.
    assert figures(answer) == (4, 4, 0, 1)
    assert answer["others"] == {
        "stacks": 1, "specs": 4, "union": 8, "union_after": 6, "shared": 0, "shared_after": 2
    }  # fmt: skip


def test_a_provider(load: Load, tmp_path: Path) -> None:
    """Both apps become one, with openmpi; then nothing needs mpich and what only mpich needs."""
    pmi = node("pmi")
    mpich, openmpi = node("mpich", needs(pmi)), node("openmpi")
    apps = [node("app", needs(mpi, virtuals=["mpi"])) for mpi in (mpich, openmpi)]
    nodes = [*apps, mpich, openmpi, pmi]
    answer: Any = load(environment(tmp_path, "apps", *nodes, a=apps[0], b=apps[1])).what_if(
        "^mpi=openmpi", yaml=True
    )
    assert figures(answer) == (5, 2, 3, 0)
    assert answer["steps"][0]["require"] == {"mpi": ["openmpi"]}
    assert "  mpi:\n    require:\n" in answer["yaml"]


def test_two_pins_of_a_package_are_one_block(load: Load, tmp_path: Path) -> None:
    graph = load(separate(tmp_path))
    answer: Any = graph.what_if("zlib ~pic", "zlib@1.0", "%gcc@12 os=debian12", yaml=True)
    assert yaml.safe_load(answer["yaml"])["packages"]["zlib"] == {"require": ["~pic", "@1.0"]}
    lines = [line for line in answer["yaml"].splitlines() if "#" not in line]
    assert lines == [
        "packages:", "  zlib:", "    require:", '    - "~pic"', '    - "@1.0"',
        "  zlib-api:", "    require:", '    - "zlib"',
        "  all:", "    require:", '    - "%gcc@12 os=debian12"',
    ]  # fmt: skip


# The line that removes a cause -------------------------------------------------------------------


def test_blame_ends_causes_with_the_line_that_removes_each(load: Load, tmp_path: Path) -> None:
    perls = [node("perl", package_hash=f"{recipe}====") for recipe in ("new", "old")]
    more = environment(tmp_path, "perls", *perls, a=perls[0], b=perls[1])
    graph = load(separate(tmp_path), more)
    assert all("fix" not in cause for cause in graph.blame()["causes"])
    rows: Any = {cause["package"]: cause for cause in graph.blame(fix=True)["causes"]}
    assert rows["zlib"]["pin"] == "zlib ~pic"
    assert rows["zlib"]["fix"] == (
        'packages: {zlib: {require: ["~pic"]}, zlib-api: {require: ["zlib"]}}'
    )
    assert "fix" not in rows["perl"]


def test_only_the_ten_largest(load: Load, tmp_path: Path) -> None:
    nodes = []
    for number in range(12):
        below = [node(f"z{number}", parameters=variants(pic=pic)) for pic in (False, True)]
        nodes += [node(f"a{number}", needs(one)) for one in below] + below
    graph = load(environment(tmp_path, "many", *nodes))
    fixed = ["fix" in cause for cause in graph.blame(fix=True)["causes"]]
    assert fixed == [True] * 10 + [False] * 2


# Twins ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("salt", range(4))
def test_diff_pairs_twins_by_what_uses_them(load: Load, tmp_path: Path, salt: int) -> None:
    """Two cmakes on either side, with either curl; on the right openssl is another.

    The salt shuffles their hashes: of four, in which those would be paired crosswise.
    """
    nodes: list[list[Made]] = []
    for certs in ("mozilla", "system"):
        openssl = node("openssl", parameters=variants(certs=certs))
        curls = [
            node("curl", needs(openssl), parameters=variants(idn=idn)) for idn in (False, True)
        ]
        cmakes = [node("cmake", needs(curl), package_hash=f"{salt}====") for curl in curls]
        users = [node(name, needs(one)) for name, one in zip(("r", "zfp"), cmakes, strict=True)]
        nodes.append([*users, *cmakes, *curls, openssl])
    graph = load(
        environment(tmp_path, "left", *nodes[0], r=nodes[0][0], zfp=nodes[0][1]),
        environment(tmp_path, "right", *nodes[1], r=nodes[1][0], zfp=nodes[1][1]),
    )
    answer: Any = graph.diff("local/left", "local/right")
    pairs = {(row["from"], row["to"]) for row in answer["rebuilt"]}
    assert pairs == {
        (ours["hash"], theirs["hash"])
        for ours, theirs in zip(nodes[0][:-1], nodes[1][:-1], strict=True)
    }
    assert [(row["package"], row["attribute"], row["rebuilt"]) for row in answer["causes"]] == [
        ("openssl", "certs", 6)
    ]


# As a real Spack concretized ---------------------------------------------------------------------

RADIUSS, BS, DT, SDK = map(lock_file, ("radiuss", "build_systems", "developer-tools", "tools-sdk"))
SOLVED_FILES = FIXTURES / "solved"
CERTS_AND_MORE = ("openssl certs=mozilla", "python@=3.13.13", "curl +libidn2")
SOLVED = [
    (("zlib-ng ~new_strategies",), (RADIUSS,), (164, 136, 59), None),
    (("zlib-ng ~new_strategies",), (RADIUSS, BS, DT), (332, 304, 200), None),
    (("openssl certs=mozilla",), (BS, DT), (228, 223, None), (50, 56)),
    (("openssl certs=system",), (BS, DT), (228, 222, None), (50, 55)),
    (CERTS_AND_MORE, (BS, DT), (228, 217, None), (50, 60)),
]
"""The pins, the stacks, builds before and after and how many of these are new, and shared ones."""


@pytest.mark.parametrize(("pins", "paths", "counts", "shared"), SOLVED)
def test_as_solved(
    real: Load,
    pins: tuple[str, ...],
    paths: tuple[str, ...],
    counts: tuple[int, int, int | None],
    shared: tuple[int, int] | None,
) -> None:
    answer: Any = real(*map(found, paths)).what_if(*pins)
    before, after, new = counts
    assert (answer["builds"], answer["after"]) == (before, after)
    assert new in (None, answer["new"])
    assert shared in (None, (answer["shared"], answer["shared_after"]))


@pytest.mark.parametrize(
    ("paths", "pins", "needed", "after"),
    [
        ((RADIUSS,), ["zlib-ng ~new_strategies"], [["hdf5"]], 136),
        ((BS, DT), ["openssl certs=system", "python@=3.13.13", "curl +libidn2"],
         [["openssl"], [], ["r"]], 216),
    ],
)  # fmt: skip
def test_the_best_have_values_that_can_be_concretized(
    real: Load, paths: tuple[str, ...], pins: list[str], needed: list[list[str]], after: int
) -> None:
    answer: Any = real(*map(found, paths)).what_if(best=3)
    assert (answer["pins"], answer["after"]) == (pins, after)
    for step, expected in zip(answer["steps"], needed, strict=True):
        assert {*expected} <= {one["package"] for one in step["needed_by"]}


def test_what_speaks_against_values_that_could_not(real: Load) -> None:
    """Hdf5's recipe needs the other value, so the solver took zlib for it: nothing was saved."""
    (step,) = real(found(RADIUSS)).what_if("zlib-ng +new_strategies")["steps"]
    assert packages(step["against"]) == [("hdf5", "~new_strategies", "")]
    assert step["require"]["zlib-api"] == ["zlib-ng"]
    (step,) = real(found(BS), found(DT)).what_if("curl ~libidn2")["steps"]
    assert packages(step["against"]) == [("r", "+libidn2", "")]
    (step,) = real(found(BS), found(DT)).what_if("openssl certs=mozilla")["steps"]
    (root, *_) = step["against"]
    assert (root["request"], root["stack"]) == ("openssl certs=system", "local/developer-tools")


def test_the_hashes_of_the_solve_are_as_many_as_were_predicted(real: Load) -> None:
    """Of the 136 that Spack concretized with the pin 77 are of the stack as it was, 59 are new."""
    solved, before = oracle.read(SOLVED_FILES / "B-radiuss-require.lock.gz"), read(RADIUSS)
    assert len(solved.members) == 136
    assert len(solved.members - before.members) == 59
    assert len(oracle.read(SOLVED_FILES / "Bplus-radiuss-require.lock.gz").members) == 164
    answer: Any = real(found(RADIUSS)).what_if("zlib-ng ~new_strategies")
    assert (answer["after"], answer["new"]) == (136, 59)


if here(SDK):  # one of the real files that are too large to be kept with the tests

    def test_the_union_with_the_other_stacks(real: Load) -> None:
        graph = real(*map(found, (RADIUSS, BS, DT, SDK)))
        answer: Any = graph.what_if("zlib-ng ~new_strategies", stacks="radiuss")
        others = answer["others"]
        assert (others["union"], others["union_after"]) == (357, 365)
        assert (others["shared"], others["shared_after"]) == (71, 35)


def test_twins_of_a_real_solve(real: Load, tmp_path: Path) -> None:
    """Both cmakes are rebuilt because of openssl alone, curl is not to blame."""
    copy = tmp_path / "with-base" / "spack.lock"
    copy.parent.mkdir()
    copy.write_text(oracle.text((SOLVED_FILES / "E2-bs.lock.gz").read_bytes()))
    graph = cachegraph.open(":memory:")
    graph.import_(found(BS), copy)
    answer: Any = graph.diff("build_systems", "with-base")
    rows = {row["from"][:7]: row for row in answer["rebuilt"]}
    for ours, theirs in (("c3hjw4i", "qr7ybw5"), ("h4ofah7", "4737deh")):
        assert rows[ours]["to"].startswith(theirs)
        assert {cause["package"] for cause in rows[ours]["causes"]} == {"openssl"}
    assert not [cause for cause in answer["causes"] if cause["package"] == "curl"]


# By an oracle -----------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stacks", "others", "pins"),
    [
        ((RADIUSS,), (BS, DT), [("zlib-ng", "new_strategies", "~new_strategies")]),
        ((BS, DT), (RADIUSS,), [("openssl", "certs", "certs=system")]),
        ((DT,), (BS, RADIUSS), [("openssl", "certs", "certs=mozilla")]),
        ((BS,), (DT,), [("curl", "libidn2", "+libidn2"), ("openssl", "certs", "certs=system")]),
    ],
)
def test_as_the_oracle(
    real: Load,
    stacks: tuple[str, ...],
    others: tuple[str, ...],
    pins: list[tuple[str, str, str]],
) -> None:
    names = [Path(path).parent.name for path in stacks]
    graph = real(*map(found, (*stacks, *others)))
    readings = [read(path) for path in stacks]
    answer: Any = graph.what_if(*(f"{package} {text}" for package, _, text in pins), stacks=names)
    assert told(answer) == pinned(readings, [read(path) for path in others], pins)
    for step, (package, name, text) in zip(answer["steps"], pins, strict=True):
        demands = [one for one in step["needed_by"] + step["against"] if "request" not in one]
        expected = needed_by(readings, package, name)
        assert {(one["value"], one["package"]) for one in demands} == {
            (value, one) for value, some in expected.items() for one in some
        }
        assert {one["value"] for one in step["needed_by"]} <= {text}


def told(answer: Any) -> tuple[int, int, int, int, int]:
    """The figures of an answer, as the oracle has them."""
    others = answer.get("others", {"union_after": answer["after"], "shared_after": 0})
    return (
        answer["after"],
        answer["new"],
        answer["shared_after"],
        others["union_after"],
        others["shared_after"],
    )
