"""One Spack node, as a spec file, an index or a lock file holds it, becomes a record."""

from typing import Any

import orjson

from cachegraph.errors import FormatError, VersionError
from cachegraph.spec import Description, SpecRecord, is_dag_hash, known, variant_name, variant_text

_FLAGS = ("cflags", "cppflags", "cxxflags", "fflags", "ldflags", "ldlibs")
_NEWEST = 4


def read_specfile(location: str, data: bytes) -> SpecRecord:
    """The spec that a ``spec.json`` of formats 2 to 4 is about: its first node."""
    try:
        document = orjson.loads(data)
    except ValueError as exc:
        raise FormatError(f"{location}: not JSON: {exc}") from exc
    try:
        version = document["spec"]["_meta"]["version"]
        node = document["spec"]["nodes"][0]
    except (KeyError, TypeError, IndexError) as exc:
        raise FormatError(
            f"{location}: not a spec file: no spec._meta.version, spec.nodes"
        ) from exc
    if not isinstance(version, int) or version > _NEWEST:
        raise VersionError(f"{location}: spec format {version}; the newest known is {_NEWEST}")
    return read_node(location, node, version)


def read_node(location: str, node: Any, version: int) -> SpecRecord:
    """The record of one node; FormatError names the field that is not as the format promises."""
    try:
        hash_, arch, compiler = node["hash"], node["arch"], node.get("compiler")
        parameters = node.get("parameters") or {}
        target = arch["target"]
        description = Description(
            package=_text(node["name"]),
            version=_text(node["version"]),
            variants=_variants(parameters),
            flags=tuple(
                f"{name}={' '.join(parameters[name])}" for name in _FLAGS if parameters.get(name)
            ),
            compiler=compiler and f"{_text(compiler['name'])}@{_text(compiler['version'])}",
            platform=known(_text(arch["platform"])),
            os=known(_text(arch["platform_os"])),
            target=known(_text(target["name"] if isinstance(target, dict) else target)),
            namespace=node.get("namespace"),
            specfile_version=version,
        )
    except (KeyError, TypeError, AttributeError) as exc:
        raise FormatError(f"{location}: not a spec node: {_explained(exc)}") from exc
    if not isinstance(hash_, str) or not is_dag_hash(hash_):
        raise FormatError(f"{location}: hash: expected a DAG hash, found {hash_!r}")
    return SpecRecord(hash_, description)


def _variants(parameters: dict[str, Any]) -> tuple[str, ...]:
    variants = (
        variant_text(name, tuple(value) if isinstance(value, list) else _switch(value))
        for name, value in parameters.items()
        if name not in _FLAGS
    )
    return tuple(sorted(variants, key=variant_name))


def _switch(value: Any) -> bool | str:
    """A variant's value; old files write on and off as text too."""
    if isinstance(value, bool):
        return value
    text = _text(value)
    return text.lower() == "true" if text.lower() in ("true", "false") else text


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected text, found {value!r}")
    return value


def _explained(exc: Exception) -> str:
    return f"no field {exc}" if isinstance(exc, KeyError) else str(exc)
