"""CycloneDX 1.6. It has no types of dependencies: these are properties of the dependent."""

import json
from collections.abc import Iterable
from datetime import datetime
from importlib.metadata import version
from typing import Any

from cyclonedx.model import Property
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.bom_ref import BomRef
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.dependency import Dependency
from cyclonedx.model.tool import ToolRepository
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from cachegraph.analysis.bill_of_materials import Bill, Part

_PREFIX = "spack:"


def document(bill: Bill, created: datetime | None) -> dict[str, Any]:
    """The bill as a document of CycloneDX 1.6 in JSON."""
    components = {part.hash: _component(part) for part in bill.parts}
    dependencies = [_dependency(part.hash, (use.hash for use in part.uses)) for part in bill.parts]
    if bill.of_stack is None:
        subject = components.pop(bill.top[0])
    else:
        subject = Component(
            name=bill.of_stack.name,
            version=bill.of_stack.release or None,
            type=ComponentType.PLATFORM,
            bom_ref=str(bill.of_stack),
        )
        dependencies.append(_dependency(str(bill.of_stack), bill.top))
    program = ComponentType.APPLICATION
    tool = Component(name="cachegraph", version=version("cachegraph"), type=program)
    metadata = BomMetaData(component=subject, tools=ToolRepository(components=[tool]))
    metadata.timestamp = created  # type: ignore[assignment]  # it may be absent
    bom = Bom(
        components=components.values(),
        metadata=metadata,
        dependencies=dependencies,
        serial_number=bill.identity("cyclonedx", created),
    )
    made: dict[str, Any] = json.loads(JsonV1Dot6(bom).output_as_string())
    return made


def _component(part: Part) -> Component:
    told = [Property(name=f"{_PREFIX}{name}", value=text) for name, text in part.described()]
    for use in part.uses:
        told += [
            Property(name=f"{_PREFIX}depends:{deptype}", value=use.hash) for deptype in use.deptypes
        ]
    return Component(
        name=part.name,
        version=part.version,
        type=ComponentType.LIBRARY,
        group=part.properties.get("namespace"),
        purl=PackageURL.from_string(part.purl) if part.purl else None,
        bom_ref=part.hash,
        properties=told,
    )


def _dependency(ref: str, uses: Iterable[str]) -> Dependency:
    return Dependency(BomRef(ref), [Dependency(BomRef(used)) for used in uses])
