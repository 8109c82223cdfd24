"""The names of compilers: before Spack 1.0 they were not packages, and some had other names."""

_RENAMED = {
    "arm": "acfl",
    "clang": "llvm",
    "intel": "intel-oneapi-compilers-classic",
    "oneapi": "intel-oneapi-compilers",
    "rocmcc": "llvm-amdgpu",
}
_BEFORE = {package: name for name, package in _RENAMED.items()}
COMPILERS = frozenset(
    {*_RENAMED, *_BEFORE, "aocc", "apple-clang", "cce", "fj", "gcc", "msvc", "nag", "nvhpc"}
    | {"pgi", "xl", "xl_r"}
)


def names_of(name: str) -> frozenset[str]:
    """The name and, of a compiler, that which it has in the other era."""
    other = _RENAMED.get(name) or _BEFORE.get(name)
    return frozenset({name, other} if other else {name})
