"""What a picture of the graph shows of a node."""

from cachegraph.model.elements import Properties
from cachegraph.model.schema import SOURCE, SPEC, NodeType

_SHORT_HASH = 7


def caption_parts(type_: NodeType, properties: Properties) -> tuple[str, int | None]:
    """The text before the key in the caption of a node, and how much of the key comes then.

    A spec shows its short hash, a source its location, any other node its key.
    """
    if type_ is SPEC:
        parts = [properties[name] for name in ("package", "version") if name in properties]
        return f"{'@'.join(parts)} /" if parts else "/", _SHORT_HASH
    location = str(properties.get("location", "")) if type_ is SOURCE else ""
    return location, 0 if location else None


def caption(type_: NodeType, key: str, properties: Properties) -> str:
    """What a picture shows of a node, such as ``zlib@1.3 /abcdefg``."""
    before, until = caption_parts(type_, properties)
    return before + key[:until]
