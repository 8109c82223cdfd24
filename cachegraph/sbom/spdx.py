"""SPDX 2.3. Its relationships tell the types of dependencies."""

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from spdx_tools.spdx.jsonschema.document_converter import DocumentConverter
from spdx_tools.spdx.model.actor import Actor, ActorType
from spdx_tools.spdx.model.document import CreationInfo, Document
from spdx_tools.spdx.model.package import (
    ExternalPackageRef,
    ExternalPackageRefCategory,
    Package,
    PackagePurpose,
)
from spdx_tools.spdx.model.relationship import Relationship, RelationshipType
from spdx_tools.spdx.model.spdx_no_assertion import SpdxNoAssertion

from cachegraph.analysis.bill_of_materials import Bill, Part, Use

_DOCUMENT, _STACK = "SPDXRef-DOCUMENT", "SPDXRef-Stack"
_TYPES = {
    "build": RelationshipType.BUILD_DEPENDENCY_OF,
    "run": RelationshipType.RUNTIME_DEPENDENCY_OF,
    "test": RelationshipType.TEST_DEPENDENCY_OF,
}
"""The relationships of the deptypes; link is a plain dependency, with a comment."""


def document(bill: Bill, created: datetime | None) -> dict[str, Any]:
    """The bill as a document of SPDX 2.3 in JSON, which has to have a time: else that of 1970."""
    name = str(bill.of_stack or next(p.name for p in bill.parts if p.hash == bill.top[0]))
    info = CreationInfo(
        spdx_version="SPDX-2.3",
        spdx_id=_DOCUMENT,
        name=name,
        document_namespace=f"urn:uuid:{bill.identity('spdx', created)}",
        creators=[Actor(ActorType.TOOL, f"cachegraph-{version('cachegraph')}")],
        created=(created or datetime.fromtimestamp(0, UTC)).replace(tzinfo=None),
    )
    packages = [_package(part) for part in bill.parts]
    if bill.of_stack is not None:
        packages.append(_plain_package(_STACK, bill.of_stack.name, bill.of_stack.release or None))
    made = Document(info, packages=packages, relationships=[*_relationships(bill)])
    converted: dict[str, Any] = DocumentConverter().convert(made)  # type: ignore[no-untyped-call]
    return converted


def _package(part: Part) -> Package:
    package = _plain_package(_id(part.hash), part.name, part.version)
    package.primary_package_purpose = PackagePurpose.LIBRARY
    package.comment = "\n".join(f"{name}: {text}" for name, text in part.described())
    hash_ = ExternalPackageRef(ExternalPackageRefCategory.OTHER, "spack-dag-hash", part.hash)
    package.external_references = [hash_]
    if part.purl:
        kind = ExternalPackageRefCategory.PACKAGE_MANAGER
        package.external_references.append(ExternalPackageRef(kind, "purl", part.purl))
    return package


def _plain_package(spdx_id: str, name: str, version: str | None) -> Package:
    return Package(
        spdx_id=spdx_id,
        name=name,
        version=version,
        download_location=SpdxNoAssertion(),
        files_analyzed=False,
    )


def _relationships(bill: Bill) -> Iterator[Relationship]:
    if bill.of_stack is None:
        yield Relationship(_DOCUMENT, RelationshipType.DESCRIBES, _id(bill.top[0]))
    else:
        yield Relationship(_DOCUMENT, RelationshipType.DESCRIBES, _STACK)
        for hash_ in bill.held:
            yield Relationship(_STACK, RelationshipType.CONTAINS, _id(hash_))
        for hash_ in bill.top:
            yield Relationship(_STACK, RelationshipType.DEPENDS_ON, _id(hash_))
    for part in bill.parts:
        for use in part.uses:
            yield from _uses(part.hash, use)


def _uses(hash_: str, use: Use) -> Iterator[Relationship]:
    """A relationship from the dependency for each type of it that is known."""
    for deptype in use.deptypes or (None,):
        kind = RelationshipType.DEPENDENCY_OF if deptype is None else _TYPES.get(deptype)
        comment = None if kind else deptype
        kind = kind or RelationshipType.DEPENDENCY_OF
        yield Relationship(_id(use.hash), kind, _id(hash_), comment)


def _id(hash_: str) -> str:
    return f"SPDXRef-Spec-{hash_}"
