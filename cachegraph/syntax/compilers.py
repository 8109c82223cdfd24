"""The names of compilers. Before Spack 1.0 they were not packages, and some had other names."""

_PACKAGE_OF = {
    "arm": "acfl",
    "clang": "llvm",
    "intel": "intel-oneapi-compilers-classic",
    "oneapi": "intel-oneapi-compilers",
    "rocmcc": "llvm-amdgpu",
}
_OLD_NAME_OF = {package: name for name, package in _PACKAGE_OF.items()}
COMPILERS = frozenset(
    {*_PACKAGE_OF, *_OLD_NAME_OF, "aocc", "apple-clang", "cce", "fj", "gcc", "msvc", "nag", "nvhpc"}
    | {"pgi", "xl", "xl_r"}
)


def names_before_and_since_1_0(name: str) -> frozenset[str]:
    """The name and, if it is a compiler that Spack 1.0 renamed, its other name."""
    other = _PACKAGE_OF.get(name) or _OLD_NAME_OF.get(name)
    return frozenset({name, other} if other else {name})
