"""Spack's spec syntax, and Spack's meaning of versions, variants, flags and targets."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cachegraph.errors import UsageError
from cachegraph.syntax import DependencyPattern, Flag, Pattern, Target, Variant, Versions, parse
from cachegraph.syntax.versions import parse_version

# What is asked for; versions that fit; versions that do not.
VERSIONS = [
    ("3.2", "3.2 3.2.1 3.2-custom 3_2 3.2.0rc1 3.2p1 3.2develop", "3.20 3 3.3 3.1.9 3.2rc1 =3"),
    ("=3.2", "3.2 3_2 3.02", "3.2.1 3.20 3.2-custom 3.2rc1 git.v3=3.2"),
    ("3", "3 3.2 3.20.1 3.develop", "30 2.9 4 develop"),
    ("1.2:1.4", "1.2 1.2.5 1.3 1.4 1.4.9 1.4-1 1.4.develop", "1.1 1.1.9 1.5 1.20 1.40 1.2rc1 main"),
    ("1.2:1.4.0", "1.2 1.4 1.4.0 1.4.0.7", "1.4.1 1.4.2"),
    (":1.4", "0 1 1.4 1.4.9 1.3.9 alpha xyz system", "1.5 1.40 develop main stable"),
    ("1.2:", "1.2 1.2.0rc1 1.10 2023.1 stable nightly trunk head master main develop", "1.1 1 xyz"),
    ("1.2.1:", "1.2.1 1.3", "1.2.1alpha1 1.2.1rc3 1.2.0 1.2"),
    (":", "0 1.2 develop xyz git.abc=1.2 3_2", ""),
    ("1.2,2.0:2.2", "1.2 1.2.7 2.0 2.1 2.2.9", "1.3 2 2.3 1"),
    ("1.0:1.5,=1.7.1", "1.0 1.5.3 1.7.1", "1.7 1.7.1.1 1.6"),
    ("develop", "develop develop.local develop-2", "main 9999 2.develop"),
    ("main", "main main.1", "develop master 1"),
    ("master:", "master main develop", "head trunk stable nightly 9999.9 latest"),
    (":master", "head trunk stable 9999.9 latest master", "main develop"),
    ("latest", "latest latest.2 latesta", "later 1.2 main"),
    ("2024-01-01:2024-06-30", "2024-01-01 2024-03-15 2024-06-30", "2023-12-31 2024-07-01 2025-01"),
    ("20240101:", "20240102 20241231 master", "20231231 2024-01-02 9.9"),
    ("9.9p1", "9.9p1 9.9p1.2", "9.9 9.9p2 9.9p10 9.9.1"),
    ("1.1.1k:1.1.1t", "1.1.1k 1.1.1l 1.1.1t 1.1.1ta", "1.1.1 1.1.1j 1.1.1u 1.1.2"),
    ("8.2.1a", "8.2.1a 8.2.1a.1 8.2.1ab", "8.2.1 8.2.1b"),
    ("6.0:", "6.0 6.0.1rc1 6.1", "6.0rc2 6.0beta 6.0alpha9"),
    ("6.0beta2:6.0", "6.0beta2 6.0rc 6.0rc1 6.0 6.0.9", "6.0alpha2 6.0beta1 6.0beta 6.1"),
    (":2.0.0-rc3", "1.9 2 2.0 2.0.0-rc3 2.0.0beta9", "2.0.0-rc4 2.0.0 2.0.1"),
    ("git.abc=1.2", "git.abc=1.2", "git.abc=1.2.1 git.abd=1.2 1.2 git.abc"),
    ("git.abc=1.2:1.3", "git.abc=1.2 git.abc=1.3.7", "git.abc=1.4 git.xyz=1.2 1.2"),
    ("git.abc", "git.abc=1.2 git.abc=develop git.abc", "git.abcd=1.2 abc 1.2"),
    ("git.feature/x", "git.feature/x=2", "git.feature=2"),
    ("1.2:1.3", "git.abc=1.2 git.abc=1.3.1", "git.abc=1.4 git.abc=develop git.abc"),
    ("=1.2", "1.2", "git.abc=1.2"),
    (f"{'a1' * 20}", f"{'a1' * 20}=1.2 git.{'a1' * 20}=3 {'a1' * 20}", "a1a1 1.2"),
]


@pytest.mark.parametrize(("text", "fit", "others"), VERSIONS, ids=lambda value: str(value)[:20])
def test_versions(text: str, fit: str, others: str) -> None:
    versions = parse(f"zlib@{text}").versions
    assert versions is not None
    assert [v for v in fit.split() if not versions.fits(v)] == []
    assert [v for v in others.split() if versions.fits(v)] == []
    assert not versions.fits(None)


def test_the_order_of_versions() -> None:
    # A letter is older than a number where that could stand, and newer than nothing.
    numbers = "alpha system xyz xyz.4 1 1.xyz 1.0alpha 1.0alpha0 1.0beta 1.0beta2 1.0rc 1.0rc1 1.0"
    more = "1.0.1 1.0.1a 1.0.1aa 1.0.1b 1.1 1.2 1.10 1.develop 2 20 2023 20240101"
    branches = "stable nightly trunk head master main develop develop.1 develop.2"
    rising = f"{numbers} {more} {branches}".split()
    assert [(a, b) for a, b in pairwise(rising) if not parse_version(a) < parse_version(b)] == []
    assert parse_version("1.02") == parse_version("1_2") == parse_version("1-2")


def only(**fields: Any) -> Pattern:
    """A pattern that asks for nothing else, whatever its text."""
    return Pattern()._replace(**fields)


def needs(name: str, *virtuals: str, **fields: Any) -> DependencyPattern:
    return DependencyPattern(only(name=name, **fields), virtuals)


def bare(pattern: Pattern) -> Pattern:
    """The pattern without texts."""

    def untold(some: tuple[DependencyPattern, ...]) -> tuple[DependencyPattern, ...]:
        return tuple(one._replace(pattern=bare(one.pattern)) for one in some)

    direct, below = untold(pattern.direct), untold(pattern.dependencies)
    return pattern._replace(text="", direct=direct, dependencies=below)


PIC, NO_PIC = Variant("pic", True), Variant("pic", False)


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("zlib", only(name="zlib")),
        ("*", only()),
        ("builtin.zlib", only(name="zlib", namespace="builtin")),
        ("ncar.hpcd.zlib", only(name="zlib", namespace="ncar.hpcd")),
        ("zlib namespace=builtin", only(name="zlib", namespace="builtin")),
        ("zlib-ng", only(name="zlib-ng")),
        ("zlib/2FEO", only(name="zlib", hash="2feo")),
        ("/2feo", only(hash="2feo")),
        ("* +pic", only(variants=(PIC,))),
        ("*-pic", only(variants=(NO_PIC,))),
        ("*- pic", only(variants=(NO_PIC,))),
        ("*--pic", only(variants=(NO_PIC._replace(propagated=True),))),
        ("*-pic*", only(name="*-pic*")),
        ("py-*", only(name="py-*")),
        ("py-*@3:+pic", only(name="py-*", versions=Versions.of("3:"), variants=(PIC,))),
        ("zlib?", only(name="zlib?")),
        ("[!a-c]z*/2feo", only(name="[!a-c]z*", hash="2feo")),
        ("builtin.py-*", only(name="py-*", namespace="builtin")),
        ("builtin.*", only(namespace="builtin")),
        ("%gcc*@12", only(direct=(needs("gcc*", versions=Versions.of("12")),))),
        ("^mpi=open*", only(dependencies=(needs("open*", "mpi"),))),
        ("*mpi=x", only(variants=(Variant("mpi", ("x",)),))),
        ("*mpi*", only(name="*mpi*")),
        ("zlib@1.2", only(name="zlib", versions=Versions.of("1.2"))),
        ("zlib@ 1.2 , 1.4", only(name="zlib", versions=Versions.of("1.2,1.4"))),
        ("@1.2:build_system=x", parse("@1.2: build_system=x")._replace(text="")),
        ("zlib+pic", only(name="zlib", variants=(PIC,))),
        ("zlib~pic", only(name="zlib", variants=(NO_PIC,))),
        ("zlib -pic", only(name="zlib", variants=(NO_PIC,))),
        ("zlib-pic", only(name="zlib-pic")),
        ("zlib + pic", only(name="zlib", variants=(PIC,))),
        ("pic=true", only(variants=(PIC,))),
        ("pic=False", only(variants=(NO_PIC,))),
        ("++pic", only(variants=(PIC._replace(propagated=True),))),
        ("~~pic", only(variants=(NO_PIC._replace(propagated=True),))),
        ("--pic", only(variants=(NO_PIC._replace(propagated=True),))),
        ("a=x", only(variants=(Variant("a", ("x",)),))),
        ("a=x,y", only(variants=(Variant("a", ("x", "y")),))),
        ("a:=x,y", only(variants=(Variant("a", ("x", "y"), exact=True),))),
        ("a==x", only(variants=(Variant("a", ("x",), propagated=True),))),
        ("a:==x", only(variants=(Variant("a", ("x",), exact=True, propagated=True),))),
        ("a='x y'", only(variants=(Variant("a", ("x y",)),))),
        (r'a="x \"y\""', only(variants=(Variant("a", ('x "y"',)),))),
        ("a=*", only(variants=(Variant("a", ("*",)),))),
        ('cflags="-O2 -g"', only(flags=(Flag("cflags", ("-O2", "-g")),))),
        ("ldflags=-Wl,-z", only(flags=(Flag("ldflags", ("-Wl,-z",)),))),
        ("os=sles15 platform=linux", only(os="sles15", platform="linux")),
        ("operating_system=sles15", only(os="sles15")),
        ("target=zen3", only(target=Target("zen3"))),
        ("target=:zen3,power9:", only(target=Target(":zen3,power9:"))),
        (
            "arch=linux-ubuntu22.04-zen3",
            only(platform="linux", os="ubuntu22.04", target=Target("zen3")),
        ),
        ("arch=linux-None-zen3", only(platform="linux", target=Target("zen3"))),
        ("arch=linux-*-x", only(platform="linux", os="*", target=Target("x"))),
        ("arch='*-*-zen3'", only(platform="*", os="*", target=Target("zen3"))),
        ("arch=*", only(target=Target("*"))),
        ("os=* target=*", only(os="*", target=Target("*"))),
        ("%gcc@12", only(direct=(needs("gcc", versions=Versions.of("12")),))),
        ("% gcc", only(direct=(needs("gcc"),))),
        ("%c,cxx=gcc", only(direct=(needs("gcc", "c", "cxx"),))),
        ("%[virtuals=c,cxx] gcc", only(direct=(needs("gcc", "c", "cxx"),))),
        ("%[virtuals=c] cxx=gcc", only(direct=(needs("gcc", "c", "cxx"),))),
        (
            "^[deptypes=link,run virtuals='mpi'] mpich",
            only(dependencies=(DependencyPattern(only(name="mpich"), ("mpi",), ("link", "run")),)),
        ),
        ("^mpi=openmpi", only(dependencies=(needs("openmpi", "mpi"),))),
        ("^/abc", only(dependencies=(DependencyPattern(only(hash="abc")),))),
        (
            "hdf5 %gcc ^zlib+pic %cmake %gcc ^mpich",
            only(
                name="hdf5",
                direct=(needs("gcc"),),
                dependencies=(
                    needs("zlib", variants=(PIC,), direct=(needs("cmake"), needs("gcc"))),
                    needs("mpich"),
                ),
            ),
        ),
        ("patches=abc dev_path=*", parse("  patches=abc   dev_path=* ")._replace(text="")),
    ],
)
def test_patterns(text: str, pattern: Pattern) -> None:
    found = parse(text)
    assert found.text == text
    assert bare(found) == pattern


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("", 1, "a spec is empty"),
        ("  ", 3, "a spec is empty"),
        ("zlib curl", 6, "found a second: curl"),
        ("zlib@@1", 6, "a version was expected, found @1"),
        ("zlib@", 6, "a version was expected, found nothing"),
        ("zlib@1.4:1.2", 5, "the range 1.4:1.2 is empty"),
        ("zlib@_", 5, "_ is not a version"),
        ("zlib@=1:2", 5, "a range has no ="),
        ("zlib@foo=1", 9, "a version has = only"),
        ("zlib@1@2", 7, "a second version"),
        ("zlib!", 5, "! was not expected"),
        ("zlib+", 5, "+ was not expected"),
        ("zlib /", 6, "/ was not expected"),
        ("zlib/a/b", 7, "a second hash"),
        ("zlib+a~a", 7, "a second value of variant a"),
        ("a=", 3, "a value of a was expected, found nothing"),
        ("a='x", 3, "a value of a was expected, found 'x"),
        ("a=x%gcc", 1, "has a % in its value"),
        ("target=zen3^zlib", 1, "has a ^ in its value"),
        ("a:=*", 1, "* must stand alone"),
        ("a=x,*", 1, "* must stand alone"),
        ("cflags=*", 1, "cflags=* is not supported"),
        ("os=a os=b", 6, "a second os"),
        ("os=default_os", 1, "which is not supported"),
        ("target=fe", 1, "which is not supported"),
        ("target=zen33:", 1, "unknown target zen33"),
        ("arch=linux", 1, "linux is not platform-os-target"),
        ("arch=linux-*", 1, "linux-* is not platform-os-target"),
        ("arch=linux--zen3", 1, "linux--zen3 is not platform-os-target"),
        ("arch=linux-sles15-zen3-x", 1, "linux-sles15-zen3-x is not platform-os-target"),
        ("target=*:", 1, "unknown target * in a range"),
        ("namespace=*", 1, "namespace=* is not supported"),
        ("zlib when=+pic", 6, "when= (a condition) is not supported"),
        ("zlib when:='+pic'", 6, "when= (a condition) is not supported"),
        ("hdf5 ^zlib when=@1", 12, "when= (a condition) is not supported"),
        ("zlib deptypes=link", 6, "deptypes= is not supported outside of brackets"),
        ("zlib virtuals=c", 6, "virtuals= is not supported outside of brackets"),
        ("os==sles15", 1, "os== (for all dependencies) is not supported"),
        ("zlib patches==abc", 6, "patches== (for all dependencies) is not supported"),
        ("zlib ^[virtuals==c] gcc", 8, "virtuals== is not supported"),
        ("zlib ^[[a]*", 8, "or ] was expected, found [a]*"),
        ("zlib@1*", 7, "a version has no *"),
        ("*.zlib", 2, ".zlib was not expected"),
        ("zlib ^", 7, "after ^ a name"),
        ("zlib %gcc ^ ^curl", 13, "after ^ a name"),
        ("zlib %%gcc", 6, "is not supported"),
        ("zlib ^[when=+x] curl", 8, "when= (a condition) is not supported"),
        ("zlib ^[x=1] curl", 8, "x= is not supported in brackets"),
        ("zlib ^[deptypes=bild] curl", 8, "no deptype bild"),
        ("zlib ^[virtuals=c curl", 19, "or ] was expected, found curl"),
        ("zlib.json", 1, "a spec from a file, zlib.json, is not supported"),
        ("./a/spec.yaml", 1, "a spec from a file"),
    ],
)
def test_what_is_wrong_or_not_supported_is_said_with_its_place(
    text: str, place: int, what: str
) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert caught.value.message.startswith(f"spec {text!r}, character {place}: ")
    assert what in caught.value.message


SPEC = {
    "hash": "2feova4prghd2gkebr23if6bojkyydpt",
    "package": "hdf5",
    "namespace": "builtin",
    "version": "1.14.3",
    "variants": ("+mpi", "~cxx", "api=default", "fabrics=ofi,verbs", "patches=ab12,cd34"),
    "flags": ("cflags=-O2 -g",),
    "platform": "linux",
    "os": "sles15",
    "target": "zen3",
}


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("hdf5", True),
        ("hdf", False),
        ("builtin.hdf5", True),
        ("mine.hdf5", False),
        ("/2FEO", True),
        ("/feo", False),
        ("@1.14", True),
        ("@=1.14", False),
        ("+mpi~cxx", True),
        ("~mpi", False),
        ("mpi=true cxx=FALSE", True),
        ("mpi=*", True),
        ("+nosuch", False),
        ("~nosuch", False),
        ("nosuch=*", False),
        ("api=default", True),
        ("api=v18", False),
        ("+api", False),
        ("mpi=default", False),
        ("fabrics=verbs", True),
        ("fabrics=verbs,ofi", True),
        ("fabrics=verbs,tcp", False),
        ("fabrics:=verbs", False),
        ("fabrics:=verbs,ofi", True),
        ("patches=cd", True),
        ("patches=ab,cd", True),
        ("patches=ef", False),
        ("cflags=-g", True),
        ("cflags='-g -O2'", True),
        ("cflags=-O3", False),
        ("cxxflags=-g", False),
        ("platform=linux os=sles15", True),
        ("os=sles", False),
        ("os=* platform=* target=*", True),
        ("target=aarch64,*", True),
        ("arch=*-*-zen3", True),
        ("arch=*-*-zen2", False),
        ("hd*", True),
        ("hdf?", True),
        ("hdf[!5]", False),
        ("HDF*", False),
        ("target=zen3", True),
        ("target=x86_64_v3", False),
        ("target=x86_64_v3:", True),
        ("target=x86_64_v4:", False),
        ("target=:zen4", True),
        ("target=:zen2", False),
        ("target=zen2:zen4", True),
        ("target=aarch64:,zen3", True),
        ("arch=linux-sles15-zen3", True),
        ("arch=cray-sles15-zen3", False),
    ],
)
def test_whether_a_spec_fits(text: str, fits: bool) -> None:  # what is so
    assert parse(text).fits(SPEC) is fits


@pytest.mark.parametrize(
    "text",
    ["zlib", "z*", "@:", "+pic", "cflags=-g", "/a", "os=a", "os=*", "target=zen3:", "target=*"],
)
def test_what_is_not_known_does_not_fit(text: str) -> None:
    assert not parse(text).fits({})


@pytest.mark.parametrize(
    ("text", "compiler", "fits"),
    [
        ("%gcc", "gcc@12.2.0", True),
        ("%gcc@12", "gcc@12.2.0", True),
        ("%gcc@=12", "gcc@12.2.0", False),
        ("%clang", "llvm@17", True),
        ("%llvm@17", "clang@17.0.1", True),
        ("%oneapi@2024", "intel-oneapi-compilers@2024.1.0", True),
        ("%intel-oneapi-compilers", "oneapi@2024.1.0", True),
        ("%apple-clang", "clang@15", False),
        ("%clang", "apple-clang@15", False),
        ("%nvhpc", "nvhpc@24.1", True),
        ("%intel", "oneapi@2024", False),
        ("%gcc", None, False),
        ("%c=gcc", "gcc@12", True),
        ("%mpi=gcc", "gcc@12", False),
        ("%[deptypes=build] gcc", "gcc@12", True),
        ("%[deptypes=link] gcc", "gcc@12", False),
        ("%gcc+nvptx", "gcc@12", False),
        ("%g*@12", "gcc@12", True),
        ("%*clang", "apple-clang@15", True),
        ("%llv*", "clang@15", False),
    ],
)
def test_compilers_of_both_eras(text: str, compiler: str | None, fits: bool) -> None:
    (wanted,) = parse(text).direct
    assert wanted.is_compiler(compiler) is fits


@pytest.mark.parametrize(
    ("asked", "provides", "fits"),
    [
        ("mpi@3:", ["mpi@3.1"], True),
        ("mpi@3:", ["blas", "mpi@:3.1"], True),
        ("mpi@3.2:", ["mpi@:3.1"], False),
        ("mpi@=3.1", ["mpi@3:"], True),
        ("mpi@3.1", ["mpi@=3.1.4"], True),
        ("mpi@=3.1", ["mpi@=3.1.4"], False),
        ("mpi@1,4:", ["mpi@2:3,4.1"], True),
        ("mpi@git.x", ["mpi@1"], False),
        ("mpi@:", ["mpi"], False),
        ("mpi@:", ["mpi@"], False),
        ("mpi@:", ["mpi@2:1"], False),
        ("mpi@:", ["mpich@3"], False),
        ("mpi@:", None, False),
    ],
)
def test_versions_of_a_virtual_package(
    asked: str, provides: list[str] | None, fits: bool
) -> None:  # of which nothing else is asked
    assert parse(asked).of_provider.fits({"provides": provides}) is fits


def test_a_compiler_of_some_languages() -> None:
    (wanted,) = parse("%c,cxx=gcc").direct
    assert wanted.is_compiler("gcc@12", ("c", "cxx"))
    assert not wanted.is_compiler("gcc@12", ("fortran",))


PIECES = [
    *"@:=+~-%^/[],.*'\"\\ ",
    *("zlib", "1.2", "_", "git.", "++", ":=", "==", "virtuals=", "deptypes=link", "when=x"),
    *("os=", "target=", "arch=a-b-c", "cflags=", "zen3", "c", "/abc", "é", "\n", "a1" * 20),
]


@settings(max_examples=12 * settings().max_examples)
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=12))
def test_any_text_is_a_pattern_or_a_usage_error(pieces: list[str]) -> None:
    text = "".join(pieces)
    try:
        pattern = parse(text)
    except UsageError:
        return
    assert not pattern.fits({}) or pattern.conditions() == {}
    pattern.fits({**SPEC, "version": text})
    for wanted in pattern.direct:
        wanted.is_compiler(f"gcc@{text}")
