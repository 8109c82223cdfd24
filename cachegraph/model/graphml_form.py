"""How GraphML spells what the programs that read it give a meaning of their own.

igraph looks vertices up by ``name``, and Cytoscape shows it: there it is ``Label:key`` of each
node. Gephi draws nodes as large as ``size`` says. igraph takes an absent boolean for false, and an
absent number for none.
"""

from typing import Any

from cachegraph.model.kinds import BOOLEAN, Kind

NAME = "name"
"""The attribute of nodes that is ``Label:key``."""
INTERACTION = "interaction"
"""The attribute of edges that Cytoscape takes for their type."""
_ATTRIBUTES = {NAME: "short_name", "size": "archive_size"}
_BOOLEANS = {"1": True, "0": False, "true": True, "false": False}


def attribute(name: str) -> str:
    """The attribute that holds a property of nodes."""
    return _ATTRIBUTES.get(name, name)


def encode(kind: Kind, value: Any) -> str:
    """The text of a value; of a boolean 1 or 0."""
    return str(int(value)) if kind is BOOLEAN else kind.encode(value)


def decode(kind: Kind, text: str) -> Any:
    """The value of a text; ValueError for a text that is no value of this kind.

    Exports before 0.2.0 have true and false.
    """
    if kind is not BOOLEAN:
        return kind.decode(text)
    if text not in _BOOLEANS:
        raise ValueError(f"a boolean expected, not {text[:100]}")
    return _BOOLEANS[text]
