"""``specs_data.json`` and ``package_data.json`` of the site that succeeds cache.spack.io.

``specs_data.json`` has an object for each hash: ``version``, ``variants`` (with flags, one entry
for each value), ``platform``, ``os``, ``target``, ``dependencies``, and the ``stacks`` and the
``releases`` (at first ``tags``) of all indexes that list the spec. Which stack of which release
holds it is not recorded where both are several: then every stack of every release is taken.
Dependencies are as in a spec node; at first they were labels, from which no spec can be told.

``package_data.json`` has an object for each package, whose ``specs`` are hashes, by release or (at
first) all. Only there are the names of packages, but for those that dependencies name.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache
from typing import Any

from cachegraph.model.spec import (
    FLAGS,
    LANGUAGES,
    DependencyUse,
    Description,
    SpecRecord,
    compiler_name,
    is_dag_hash,
    normal_variants,
    value_or_none,
)
from cachegraph.sources import Document, ErrorHandler, FaultReporter, ParsedDocument
from cachegraph.sources.fields import BadFieldError, text_field, texts_field
from cachegraph.sources.jsontext import has_entry, parse_json
from cachegraph.sources.large_object import LargeObject
from cachegraph.sources.pagemeta import show
from cachegraph.sources.parts import BytesText

_HEAD = 64 << 10
_begins_with_spec = re.compile(rb'\s*\{\s*"[a-z2-7]{32}"\s*:\s*(?=\{)').match
_begins_with_package = re.compile(rb'\s*\{\s*"[\w.-]+"\s*:\s*(?=\{)').match
_begins_as_object = re.compile(rb'\s*\{\s*"').match
_is_named_so = re.compile(r"(?:.*[/\\-])?(specs|package)_data\.json(?:\.\w+)?", re.DOTALL).fullmatch
_NamedUses = dict[str, tuple[DependencyUse, str]]
_FIELDS_OF_SPEC = ("stacks", "releases", "tags", "variants")
_FIELDS = ("version", "variants", "platform", "os", "target", "dependencies")
_HASHES = rb'\[\s*("[a-z2-7]{32}"|\])'
_HASHES_BY_RELEASE = rb'\{\s*("[^"]*"\s*:\s*' + _HASHES + rb"|\})"


def accepts(document: Document) -> bool:
    """Whether the text begins as specs by hash, or as hashes by package, or is named so."""
    head = document.data[:_HEAD]
    if _is_named_so(document.path) and _begins_as_object(head):
        return True
    if first := _begins_with_spec(head):
        return any(has_entry(head[first.end() :], name, rb"\[") for name in _FIELDS_OF_SPEC)
    first = _begins_with_package(head)
    specs = _HASHES + b"|" + _HASHES_BY_RELEASE
    return first is not None and has_entry(head[first.end() :], "specs", specs)


def package_data(path: str) -> str:
    """The path of the ``package_data.json`` beside a ``specs_data.json``; empty for other files."""
    folder, slash, name = path.rpartition("/")
    other = name.replace("specs_data.json", "package_data.json")
    return f"{folder}{slash}{other}" if other != name else ""


def read(document: Document, report: ErrorHandler) -> ParsedDocument:
    """The specs of either file."""
    report_fault = FaultReporter(document.location, report)
    named = _is_named_so(document.path)
    if _begins_with_spec(document.data) or (named and named[1] == "specs"):
        records = _Specs(document, report_fault).records()
    else:
        records = _packages(parse_json(document), report_fault)
    digest, faults = document.digest, report_fault.faults
    return ParsedDocument("site data", "", records, [], digest, [], faults)


def _packages(packages: Any, report_fault: FaultReporter) -> Iterator[SpecRecord]:
    """The specs of each package, of which its file knows nothing else."""
    for package, entry in packages.items():
        description = Description(package=package)
        specs = entry.get("specs", ()) if isinstance(entry, dict) else entry
        for place, hashes in specs.items() if isinstance(specs, dict) else [("", specs)]:
            listed = hashes if isinstance(hashes, list | tuple) else [hashes]
            for hash_ in dict.fromkeys(map(_dag_hash_or_none, listed)):
                if hash_:
                    yield SpecRecord(hash_, description)
                else:
                    where = f"{package}.specs{place and f'.{place}'}"
                    report_fault(f"{where}: expected DAG hashes, found {show(hashes)}")


def _dag_hash_or_none(value: Any) -> str | None:
    return value if isinstance(value, str) and is_dag_hash(value) else None


class _Specs:
    """The specs of one file, by hash."""

    def __init__(self, document: Document, report_fault: FaultReporter) -> None:
        self._user_release = document.user_names.release
        self._local_release = document.release
        self._report_fault = report_fault
        specs = LargeObject(BytesText(document.data))
        self._specs = parse_json(document) if specs.frame != {} else specs
        # What only other specs tell: the version of a dependency, and the name of a package.
        self._versions: dict[str, Any] = {}
        self._packages: dict[str, str] = {}

    def records(self) -> Iterator[SpecRecord]:
        """The specs; reports those that cannot be read."""
        for hash_, spec in self._items(lambda _: None):
            self._versions[hash_] = spec.get("version")
            with suppress(BadFieldError):
                for dependency, (_, name) in (_dependencies(spec) or {}).items():
                    self._packages[dependency] = name
        for hash_, spec in self._items(self._report_fault):
            try:
                yield self._record(hash_, spec)
            except BadFieldError as bad:
                field, problem = bad.args
                self._report_fault(f"/{hash_}{field}: {problem}")

    def _items(self, report_fault: Callable[[str], None]) -> Iterator[tuple[str, dict[str, Any]]]:
        specs = self._specs
        items = specs.items(report_fault) if isinstance(specs, LargeObject) else specs.items()
        for hash_, spec in items:
            if is_dag_hash(hash_) and isinstance(spec, dict):
                yield hash_, spec
            else:
                report_fault(f"{show(hash_)}: expected a DAG hash and an object")

    def _record(self, hash_: str, spec: dict[str, Any]) -> SpecRecord:
        if spec.get("hash", hash_) != hash_:
            raise BadFieldError(".hash", f"found {show(spec['hash'])}")
        if spec.keys().isdisjoint(_FIELDS):
            raise BadFieldError(
                "", f"expected a spec with {', '.join(_FIELDS)}, found {show(spec)}"
            )
        dependencies = _dependencies(spec)
        languages = self._compilers(dependencies or {})
        variants, flags = _variants(texts_field(spec, "variants"))
        description = Description(
            package=self._packages.get(hash_),
            version=text_field(spec, "version"),
            variants=variants if "variants" in spec else None,
            flags=flags or None,
            compiler=next(iter(languages), None),
            platform=value_or_none(text_field(spec, "platform")),
            os=value_or_none(text_field(spec, "os")),
            target=value_or_none(text_field(spec, "target")),
        )
        uses = None
        if dependencies is not None:
            uses = {one: use for one, (use, _) in dependencies.items()}
        return SpecRecord(hash_, description, self._stacks(spec), uses, tuple(languages.items()))

    def _compilers(self, dependencies: _NamedUses) -> dict[str, tuple[str, ...]]:
        """The compilers and their languages; first that of C, else of C++, else of Fortran."""
        compilers: dict[str, tuple[str, ...]] = {}
        for language in LANGUAGES:
            for hash_, (use, name) in dependencies.items():
                version = self._versions.get(hash_)
                is_compiler = "build" in use.deptypes and language in (use.virtuals or ())
                if is_compiler and isinstance(version, str) and version:
                    compiler = compiler_name(f"{name}@{version}") or ""
                    compilers[compiler] = (*compilers.get(compiler, ()), language)
        return compilers

    def _stacks(self, spec: dict[str, Any]) -> tuple[str, ...]:
        """The keys of the stacks: every stack in every release of the spec."""
        releases = texts_field(spec, "releases") or texts_field(spec, "tags")
        stacks = texts_field(spec, "stacks")
        if self._user_release or not releases:
            releases = [self._user_release or self._local_release]
        keys = (f"{release}/{stack}" for release in releases for stack in stacks if stack)
        return tuple(dict.fromkeys(keys))


def _dependencies(spec: dict[str, Any]) -> _NamedUses | None:
    """The uses of dependencies and their names; None where they are missing, or only labels."""
    listed = spec.get("dependencies")
    if not isinstance(listed, list | None):
        raise BadFieldError(".dependencies", f"expected a list, found {show(listed)}")
    if listed is None or any(isinstance(one, dict) and "hash" not in one for one in listed):
        return None
    dependencies: _NamedUses = {}
    for number, one in enumerate(listed):
        try:
            name, hash_, use = one["name"], one["hash"], one.get("parameters") or {}
            deptypes, virtuals = (tuple(use.get(key) or ()) for key in ("deptypes", "virtuals"))
            if not is_dag_hash(hash_) or not name:
                raise ValueError
            "".join((name, *deptypes, *virtuals))  # TypeError unless all are text
        except (AttributeError, KeyError, TypeError, ValueError):
            expected = f"expected a name and a DAG hash, found {show(one)}"
            raise BadFieldError(f".dependencies[{number}]", expected) from None
        dependencies[hash_] = _use(deptypes, virtuals), name
    return dependencies


@lru_cache(maxsize=1 << 10)
def _use(deptypes: tuple[str, ...], virtuals: tuple[str, ...]) -> DependencyUse:
    """One object for all dependencies with these deptypes and virtuals."""
    return DependencyUse(tuple(sorted({*deptypes})), tuple(sorted({*virtuals})))


def _variants(texts: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Variants and flags in normal form, from entries that each have one value."""
    values: dict[str, list[str]] = defaultdict(list)
    single = []
    for text in texts:
        name, has_value, value = text.partition("=")
        if not name.strip("+~"):
            raise BadFieldError(".variants", f"expected variants, found {show(text)}")
        if has_value:
            values[name].append(value)
        else:
            single.append(text)
    flags = tuple(f"{name}={' '.join(values.pop(name))}" for name in FLAGS if name in values)
    joined = (f"{name}={','.join(several)}" for name, several in values.items())
    return normal_variants((*single, *joined)), flags
