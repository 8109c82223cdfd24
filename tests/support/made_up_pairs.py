"""Pairs of specs written out by hand, and what makes their hashes differ, worked out by hand.

Each function is one pair. A cause is told as ``(path, kind, attribute, left, right)``, the path as
packages with ``>`` between, ``-`` for what is absent; causes are in the order of an answer: by
depth, path, kind and attribute. What stands for one side external and the other built, and for
features of a target, no one has agreed on: there left and right are ``?``.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from tests.support.corpus import FLAGS, needs, node, with_dependencies

Made = dict[str, Any]
Told = tuple[str, str, str, str, str]

UNSAID = {("external", "external"), ("target", "features")}
"""Kinds and attributes whose values are not agreed on."""


class Asked(NamedTuple):
    """Two specs with everything below them, and the causes."""

    left: Made
    right: Made
    causes: list[Told]
    nodes: tuple[Made, ...]
    """All that they depend on, too."""
    spec_format: int = 5

    def side(self, root: Made) -> list[Mapping[str, Any]]:
        """One of the two and what is below it."""
        return [root, *with_dependencies(root, self.nodes)]


def tell(
    path: Iterable[str], kind: str, attribute: str, left: str | None, right: str | None
) -> Told:
    """A cause as it is told here."""
    values = ("?", "?") if (kind, attribute) in UNSAID else (left or "-", right or "-")
    return (" > ".join(path), kind, attribute, *values)


def variants(**values: Any) -> dict[str, Any]:
    """Parameters with these variants and no flags."""
    return {"build_system": "cmake", **values, **{flag: [] for flag in FLAGS}}


def arch(**fields: Any) -> dict[str, Any]:
    return {"platform": "linux", "platform_os": "ubuntu22.04", "target": "x86_64_v3", **fields}


def external(path: str, *modules: str) -> dict[str, Any]:
    return {"path": path, "module": [*modules] or None, "extra_attributes": {}}


# One cause ------------------------------------------------------------------------------------


def recipe_only() -> Asked:
    """zlib was made by another recipe; nothing else of it differs."""
    one, other = node("zlib", package_hash="old===="), node("zlib", package_hash="new====")
    left, right = (node("app", needs(zlib)) for zlib in (one, other))
    return Asked(
        left,
        right,
        [("app > zlib", "recipe", "package_hash", "old====", "new====")],
        (one, other),
    )


def variant_two_levels_down() -> Asked:
    """App > lib > zlib: three hashes differ, one of them by itself."""
    nodes: list[Made] = []
    tops = []
    for pic in (False, True):
        zlib = node("zlib", parameters=variants(pic=pic))
        lib = node("lib", needs(zlib))
        nodes += [zlib, lib]
        tops.append(node("app", needs(lib)))
    return Asked(
        tops[0], tops[1], [("app > lib > zlib", "variant", "pic", "~pic", "+pic")], (*nodes,)
    )


def one_cause_by_two_paths() -> Asked:
    """App > alpha > beta > zlib, and app > omega > zlib, which is shorter though later by name."""
    nodes: list[Made] = []
    tops = []
    for version in ("1.2", "1.3"):
        zlib = node("zlib", version=version)
        beta, omega = node("beta", needs(zlib)), node("omega", needs(zlib))
        alpha = node("alpha", needs(beta))
        nodes += [zlib, beta, omega, alpha]
        tops.append(node("app", needs(alpha), needs(omega)))
    return Asked(
        tops[0], tops[1], [("app > omega > zlib", "version", "version", "1.2", "1.3")], (*nodes,)
    )


def one_cause_by_two_paths_of_one_length() -> Asked:
    """App > alpha > zlib and app > omega > zlib: the first by name is told."""
    nodes: list[Made] = []
    tops = []
    for version in ("1.2", "1.3"):
        zlib = node("zlib", version=version)
        # Named in this order in one, and the other way round in the other.
        alpha, omega = node("alpha", needs(zlib)), node("omega", needs(zlib))
        nodes += [zlib, alpha, omega]
        tops.append(
            node("app", *map(needs, (omega, alpha) if version == "1.2" else (alpha, omega)))
        )
    return Asked(
        tops[0], tops[1], [("app > alpha > zlib", "version", "version", "1.2", "1.3")], (*nodes,)
    )


def depth_four() -> Asked:
    """A chain of five, the last of which has another version: its recipe is the same."""
    nodes: list[Made] = []
    tops = []
    for version in ("3.1", "3.2"):
        below_it = node("perl", version=version)
        for name in ("openssl", "curl", "cmake"):
            nodes.append(below_it)
            below_it = node(name, needs(below_it))
        nodes.append(below_it)
        tops.append(node("hdf5", needs(below_it, "build")))
    path = "hdf5 > cmake > curl > openssl > perl"
    return Asked(tops[0], tops[1], [(path, "version", "version", "3.1", "3.2")], (*nodes,))


def absent_variant() -> Asked:
    """A conditional variant is there on one side only; of several values they are told sorted."""
    one = node("gcc", parameters=variants(languages=["c++", "c"]))
    other = node("gcc", parameters=variants(languages=["c", "fortran", "c++"], piclibs=False))
    left, right = (node("app", needs(gcc, "build")) for gcc in (one, other))
    return Asked(
        left,
        right,
        [
            ("app > gcc", "variant", "languages", "languages=c,c++", "languages=c,c++,fortran"),
            ("app > gcc", "variant", "piclibs", "-", "~piclibs"),
        ],
        (one, other),
    )


def flags() -> Asked:
    """Of a flag the order counts: it is a word of a command."""
    one = node("zlib", parameters=variants() | {"cflags": ["-O2", "-g"]})
    other = node("zlib", parameters=variants() | {"cflags": ["-g", "-O2"], "ldflags": ["-s"]})
    left, right = (node("app", needs(zlib)) for zlib in (one, other))
    return Asked(
        left,
        right,
        [
            ("app > zlib", "flag", "cflags", "cflags=-O2 -g", "cflags=-g -O2"),
            ("app > zlib", "flag", "ldflags", "-", "ldflags=-s"),
        ],
        (one, other),
    )


def namespace() -> Asked:
    one, other = node("zlib", namespace="builtin"), node("zlib", namespace="ncar.hpcd")
    left, right = (node("app", needs(zlib)) for zlib in (one, other))
    return Asked(
        left,
        right,
        [("app > zlib", "namespace", "namespace", "builtin", "ncar.hpcd")],
        (one, other),
    )


def operating_system_and_platform() -> Asked:
    """Two children with the same other os, one of them of another platform: each is told once."""
    old = arch(platform="cray", platform_os="sles12")
    new = arch(platform="cray", platform_os="sles15")
    linux = arch(platform_os="sles15")
    xz, twin = node("xz", arch=old), node("xz", arch=new)
    zlib, zwin = node("zlib", arch=old), node("zlib", arch=linux)
    return Asked(
        node("app", needs(xz), needs(zlib)),
        node("app", needs(twin), needs(zwin)),
        [
            ("app > xz", "os", "os", "sles12", "sles15"),
            ("app > zlib", "os", "platform", "cray", "linux"),
        ],
        (xz, twin, zlib, zwin),
    )


def target() -> Asked:
    """Another target, met twice and told once; it ends the walk where it is met again."""
    fast, slow = arch(target="icelake"), arch(target="x86_64_v3")
    nodes: list[Made] = []
    tops = []
    for one in (slow, fast):
        deep = node("deep", version="1" if one is slow else "2")
        xz, zlib = node("xz", arch=one), node("zlib", needs(deep), arch=one)
        nodes += [deep, xz, zlib]
        tops.append(node("app", needs(xz), needs(zlib)))
    return Asked(
        tops[0], tops[1], [("app > xz", "target", "target", "x86_64_v3", "icelake")], (*nodes,)
    )


def target_features() -> Asked:
    """The target has the same name; what is recorded of it has not the same features."""
    skylake = {
        "name": "skylake",
        "vendor": "GenuineIntel",
        "features": ["avx", "avx2"],
        "generation": 0,
        "parents": ["broadwell"],
    }
    one = node("zlib", arch=arch(target=skylake))
    other = node("zlib", arch=arch(target={**skylake, "features": ["avx", "avx2", "vme"]}))
    left, right = (node("app", needs(zlib)) for zlib in (one, other))
    return Asked(left, right, [("app > zlib", "target", "features", "?", "?")], (one, other))


# Compilers ------------------------------------------------------------------------------------


def compiler_of_a_build_tool() -> Asked:
    """App is built by gcc 12 in both; the cmake that built it by gcc 11, and by gcc 12."""
    old, new = node("gcc", version="11.4.0"), node("gcc", version="12.3.0")
    one, other = (node("cmake", needs(gcc, "build", virtuals=["c", "cxx"])) for gcc in (old, new))
    left, right = (
        node("app", needs(new, "build", virtuals=["c"]), needs(cmake, "build"))
        for cmake in (one, other)
    )
    return Asked(
        left,
        right,
        [("app > cmake", "compiler", "compiler", "gcc@11.4.0", "gcc@12.3.0")],
        (old, new, one, other),
    )


def compiler_of_a_build_tool_before_1_0() -> Asked:
    """The same when compilers were no nodes; gmake too has another one, which is told already."""
    nodes: list[Made] = []
    tops = []
    for version in ("11.4.0", "12.3.0"):
        gcc = {"name": "gcc", "version": version}
        gmake = node("gmake", spec_format=4, compiler=gcc)
        cmake = node("cmake", needs(gmake, "build"), spec_format=4, compiler=gcc)
        nodes += [gmake, cmake]
        tops.append(node("app", needs(cmake, "build"), needs(gmake, "build"), spec_format=4))
    return Asked(
        tops[0],
        tops[1],
        [("app > cmake", "compiler", "compiler", "gcc@11.4.0", "gcc@12.3.0")],
        (*nodes,),
        spec_format=4,
    )


# Dependencies ---------------------------------------------------------------------------------


def own_dependency() -> Asked:
    """The asked spec itself depends on one more package."""
    zlib, xz = node("zlib"), node("xz", version="5.6")
    return Asked(
        node("app", needs(zlib)),
        node("app", needs(zlib), needs(xz)),
        [("app", "dependency", "xz", "-", "xz@5.6")],
        (zlib, xz),
    )


def own_dependency_and_more_below() -> Asked:
    """What the asked spec has of its own does not end the walk: zlib differs too."""
    one, other, xz = node("zlib", version="1.2"), node("zlib", version="1.3"), node("xz")
    return Asked(
        node("app", needs(one), needs(xz)),
        node("app", needs(other)),
        [
            ("app", "dependency", "xz", "xz@1.0", "-"),
            ("app > zlib", "version", "version", "1.2", "1.3"),
        ],
        (one, other, xz),
    )


def dependency_at_depth_one() -> Asked:
    """Lib depends on xz on one side; that its zlib differs too is below the topmost change."""
    one, other, xz = node("zlib", version="1.2"), node("zlib", version="1.3"), node("xz")
    with_xz, without = node("lib", needs(one), needs(xz)), node("lib", needs(other))
    return Asked(
        node("app", needs(with_xz)),
        node("app", needs(without)),
        [("app > lib", "dependency", "xz", "xz@1.0", "-")],
        (one, other, xz, with_xz, without),
    )


def below_a_change_but_reached_by_another_path() -> Asked:
    """Lib changed, and so did zlib: below lib it is not told, but app depends on it as well."""
    one, other = node("zlib", version="1.2"), node("zlib", version="1.3")
    old, new = node("lib", needs(one), version="7"), node("lib", needs(other), version="8")
    return Asked(
        node("app", needs(old), needs(one)),
        node("app", needs(new), needs(other)),
        [
            ("app > lib", "version", "version", "7", "8"),
            ("app > zlib", "version", "version", "1.2", "1.3"),
        ],
        (one, other, old, new),
    )


def deptypes_only() -> Asked:
    python = node("python")
    lib, twin = node("lib", needs(python, "build", "run")), node("lib", needs(python, "run"))
    return Asked(
        node("app", needs(lib)),
        node("app", needs(twin)),
        [("app > lib", "deptypes", "python", "build,run", "run")],
        (python, lib, twin),
    )


def two_dependencies_of_one_package() -> Asked:
    """Two pythons each: one is the same, the other was made by another recipe."""
    same = node("python", parameters=variants(ssl=True))
    one = node("python", parameters=variants(ssl=False), package_hash="old====")
    other = node("python", parameters=variants(ssl=False), package_hash="new====")
    return Asked(
        node("app", needs(same, "build"), needs(one, "build")),
        node("app", needs(other, "build"), needs(same, "build")),
        [("app > python", "recipe", "package_hash", "old====", "new====")],
        (same, one, other),
    )


def two_dependencies_of_one_package_that_look_alike() -> Asked:
    """None is the same, but each has one that looks like it: no variant differs.

    Both pairs of pythons say the same, and rows that are equal count as one.
    """
    pythons = {
        (ssl, recipe): node("python", parameters=variants(ssl=ssl), package_hash=f"{recipe}====")
        for ssl in (False, True)
        for recipe in ("old", "new")
    }
    left, right = (
        node("app", *(needs(pythons[ssl, recipe], "build") for ssl in order))
        for recipe, order in (("old", (False, True)), ("new", (True, False)))
    )
    return Asked(
        left,
        right,
        [("app > python", "recipe", "package_hash", "old====", "new====")],
        (*pythons.values(),),
    )


def one_more_of_a_package() -> Asked:
    """One python is in both, and one side has a second one."""
    same, more = node("python"), node("python", version="2.7")
    return Asked(
        node("app", needs(more, "build"), needs(same, "run")),
        node("app", needs(same, "run")),
        [("app", "dependency", "python", "python@2.7", "-")],
        (same, more),
    )


# Providers ------------------------------------------------------------------------------------


def provider_only_in_edges() -> Asked:
    """The same two dependencies; iconv comes from glibc, or from libiconv."""
    glibc, libiconv = node("glibc", version="2.35"), node("libiconv", version="1.17")
    left = node(
        "gettext", needs(glibc, "link", virtuals=["iconv", "libc"]), needs(libiconv, "link")
    )
    right = node(
        "gettext",
        needs(glibc, "link", virtuals=["libc"]),
        needs(libiconv, "link", virtuals=["iconv"]),
    )
    return Asked(
        node("app", needs(left)),
        node("app", needs(right)),
        [("app > gettext", "provider", "iconv", "glibc@2.35", "libiconv@1.17")],
        (glibc, libiconv, left, right),
    )


def provider_on_one_side_of_a_shared_dependency() -> Asked:
    """Both depend on glibc; iconv it provides for one of them, and nothing does for the other."""
    glibc = node("glibc", version="2.35")
    return Asked(
        node("app", needs(glibc, "link", virtuals=["iconv", "libc"])),
        node("app", needs(glibc, "link", virtuals=["libc"])),
        [("app", "provider", "iconv", "glibc@2.35", "-")],
        (glibc,),
    )


def provider_swap() -> Asked:
    """Mpi from mpich or openmpi is one cause, not two dependencies; both consumers say the same."""
    mpich, openmpi = node("mpich", version="4.1"), node("openmpi", version="5.0")
    nodes: list[Made] = [mpich, openmpi]
    tops = []
    for mpi in (mpich, openmpi):
        hdf5, fftw = (node(name, needs(mpi, virtuals=["mpi"])) for name in ("hdf5", "fftw"))
        nodes += [hdf5, fftw]
        tops.append(node("app", needs(hdf5), needs(fftw)))
    return Asked(
        tops[0], tops[1], [("app > fftw", "provider", "mpi", "mpich@4.1", "openmpi@5.0")], (*nodes,)
    )


def provider_of_a_new_dependency() -> Asked:
    """Mpi only on one side, from what is only there: a dependency more, no other provider."""
    mpich, zlib = node("mpich", version="4.1"), node("zlib")
    return Asked(
        node("app", needs(zlib)),
        node("app", needs(zlib), needs(mpich, virtuals=["mpi"])),
        [("app", "dependency", "mpich", "-", "mpich@4.1")],
        (mpich, zlib),
    )


def provider_of_another_version() -> Asked:
    """The same package provides mpi, in another version: that is told of the package."""
    one, other = node("mpich", version="4.0"), node("mpich", version="4.1")
    left, right = (node("app", needs(mpich, virtuals=["mpi"])) for mpich in (one, other))
    return Asked(left, right, [("app > mpich", "version", "version", "4.0", "4.1")], (one, other))


# Externals ------------------------------------------------------------------------------------


def external_prefix_and_modules() -> Asked:
    """Version, variants and recipe are equal: it was found elsewhere and is loaded otherwise."""
    one = node("cray-mpich", external=external("/opt/25", "mpich/25"))
    other = node("cray-mpich", external=external("/opt/27", "craype", "mpich/27"))
    left, right = (node("app", needs(mpich)) for mpich in (one, other))
    return Asked(
        left,
        right,
        [
            ("app > cray-mpich", "external", "modules", "mpich/25", "craype,mpich/27"),
            ("app > cray-mpich", "external", "prefix", "/opt/25", "/opt/27"),
        ],
        (one, other),
    )


def external_against_built() -> Asked:
    """That an external has no dependencies is no difference of its own."""
    zlib = node("zlib")
    found = node("python", external=external("/usr"))
    built = node("python", needs(zlib))
    return Asked(
        node("app", needs(found)),
        node("app", needs(built)),
        [("app > python", "external", "external", "?", "?")],
        (zlib, found, built),
    )


# Several causes -------------------------------------------------------------------------------


def two_causes() -> Asked:
    """Two packages at two depths, and of one of them two attributes."""
    nodes: list[Made] = []
    tops = []
    for version, pic in (("1.2", False), ("1.3", True)):
        zlib = node("zlib", version=version)
        lib = node("lib", needs(zlib))
        xz = node("xz", parameters=variants(pic=pic), package_hash=f"{version}====")
        nodes += [zlib, lib, xz]
        tops.append(node("app", needs(lib), needs(xz)))
    return Asked(
        tops[0],
        tops[1],
        [
            ("app > xz", "recipe", "package_hash", "1.2====", "1.3===="),
            ("app > xz", "variant", "pic", "~pic", "+pic"),
            ("app > lib > zlib", "version", "version", "1.2", "1.3"),
        ],
        (*nodes,),
    )


MADE_UP: list[Callable[[], Asked]] = [
    recipe_only,
    variant_two_levels_down,
    one_cause_by_two_paths,
    one_cause_by_two_paths_of_one_length,
    depth_four,
    absent_variant,
    flags,
    namespace,
    operating_system_and_platform,
    target,
    target_features,
    compiler_of_a_build_tool,
    compiler_of_a_build_tool_before_1_0,
    own_dependency,
    own_dependency_and_more_below,
    dependency_at_depth_one,
    below_a_change_but_reached_by_another_path,
    deptypes_only,
    two_dependencies_of_one_package,
    two_dependencies_of_one_package_that_look_alike,
    one_more_of_a_package,
    provider_only_in_edges,
    provider_on_one_side_of_a_shared_dependency,
    provider_swap,
    provider_of_a_new_dependency,
    provider_of_another_version,
    external_prefix_and_modules,
    external_against_built,
    two_causes,
]
