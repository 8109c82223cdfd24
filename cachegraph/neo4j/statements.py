"""The Cypher statements that are built from the schema. No driver.

Labels, types and property names come from the schema alone, and every value is a parameter: so each
text is constant, and a server plans it once. All are in the common subset of Cypher 5 and 25.
"""

from cachegraph.model.schema import NodeType, RelationshipType
from cachegraph.neo4j import texts

PAGE = 5_000
"""Values in a row where a list of any length is cut: a row takes as long as ten values."""
# To join texts takes the square of their length, and to unpack one in the program a microsecond.
_TEXTS_IN_ONE = 20


def _in_pages(found: str, *columns: str) -> str:
    """A list for each column, a row for each page; ``found`` binds ``listed``, the nodes ``n``."""
    page = f"UNWIND range(0, size(listed) - 1, {PAGE}) AS i WITH listed[i..i + {PAGE}] AS page"
    return f"{found} {page} RETURN {', '.join(f'[n IN page | {column}]' for column in columns)}"


def all_keys(label: NodeType) -> str:
    """The keys of all nodes of a label, in pages."""
    return _in_pages(f"MATCH (n:{label.label}) WITH collect(n) AS listed", f"n.{label.key.name}")


def keys_with_prefix(label: NodeType) -> str:
    """The keys that begin with ``$prefix``, in pages."""
    key = f"n.{label.key.name}"
    found = f"MATCH (n:{label.label}) WHERE {key} STARTS WITH $prefix WITH collect({key}) AS listed"
    return _in_pages(found, "n")


def existing_keys(label: NodeType) -> str:
    """The keys of ``$keys`` for which there is a node."""
    return f"UNWIND $keys AS key MATCH {_node('n', label)} RETURN key"


def has_values(label: NodeType, name: str) -> str:
    """Whether any node of the label has the property."""
    return f"RETURN EXISTS {{ MATCH (n:{label.label}) WHERE n.{name} IS NOT NULL }}"


def values(label: NodeType, names: tuple[str, ...]) -> str:
    """For each node of ``$keys`` its key and the list of its values of these properties."""
    listed = ", ".join(f"n.{name}" for name in names)
    return f"UNWIND $keys AS key MATCH {_node('n', label)} RETURN key, [{listed}]"


def value_texts(label: NodeType, common: tuple[str, ...], own: tuple[str, ...]) -> str:
    """For the nodes of ``$keys`` a list of texts: what some have in common, then each of these.

    A text begins with their values of the ``common`` properties. After NODE comes the key of each,
    and the values of its ``own``.
    """
    of_all, of_each = (
        texts.in_cypher("n", [*map({p.name: p for p in label.properties}.__getitem__, names)])
        for names in (common, own)
    )
    key = texts.in_cypher("n", [label.key])
    return (
        f"UNWIND $keys AS key MATCH {_node('n', label)} WITH {of_all} AS common, "
        f"collect({texts.quoted(texts.NODE)} + {key} + {of_each}) AS listed {_joined('common')}"
    )


def adjacent_texts(type_: RelationshipType) -> str:
    """For the nodes of ``$keys`` a list of texts, of some nodes each.

    After NODE comes a key, and after NEXT each relationship from there: the key of its end, and its
    values.
    """
    end = f"{texts.in_cypher('e', [type_.end.key])} + {texts.in_cypher('r', type_.properties)}"
    each = f"[(s)-[r:{type_.name}]->(e) | {texts.quoted(texts.NEXT)} + {end}]"
    start = f"{texts.quoted(texts.NODE)} + s.{type_.start.key.name}"
    text = f"reduce(x = {start}, y IN {each} | x + y)"
    found = f"UNWIND $keys AS key MATCH {_node('s', type_.start)} WITH collect({text}) AS listed"
    return f"{found} {_joined(repr(''))}"


def _joined(first: str) -> str:
    """A list of texts, each ``first`` and then some of the texts that are ``listed``."""
    some = f"listed[i..i + {_TEXTS_IN_ONE}]"
    pages = f"UNWIND range(0, size(listed) - 1, {_TEXTS_IN_ONE}) AS i"
    return f"{pages} RETURN collect(reduce(x = {first}, y IN {some} | x + y))"


def starts_of(type_: RelationshipType, *names: str) -> str:
    """The keys of the nodes with a relationship to the node ``$key``, in pages.

    With names also the texts of these properties, each as a column.
    """
    start = type_.start
    columns = [texts.in_cypher("n", [p]) for p in start.properties if p.name in names]
    found = f"MATCH {_path_to(type_, '$key')} WITH collect(s) AS listed"
    return _in_pages(found, f"n.{start.key.name}", *columns)


def starts_of_any(type_: RelationshipType) -> str:
    """The keys of the nodes with a relationship to a node of ``$keys``, in pages."""
    path = f"{_node('e', type_.end)}<-[:{type_.name}]-(s) {_index_seek('e', type_.end)}"
    found = f"UNWIND $keys AS key MATCH {path} WITH collect(DISTINCT s) AS listed"
    return _in_pages(found, f"n.{type_.start.key.name}")


def unreferenced(types: tuple[RelationshipType, ...]) -> str:
    """The keys of ``$keys`` to whose nodes no relationship of the types leads, in pages."""
    names = "|".join(type_.name for type_ in types)
    node = _node("n", types[0].end)
    found = f"UNWIND $keys AS key MATCH {node} WHERE NOT EXISTS {{ (n)<-[:{names}]-() }}"
    return _in_pages(f"{found} WITH collect(key) AS listed", "n")


def ends_of(type_: RelationshipType) -> str:
    """The keys of the nodes to which a relationship leads from a node of ``$keys``, in pages."""
    path = f"{_node('s', type_.start)}-[:{type_.name}]->(e) {_index_seek('s', type_.start)}"
    found = f"UNWIND $keys AS key MATCH {path} WITH collect(DISTINCT e) AS listed"
    return _in_pages(found, f"n.{type_.end.key.name}")


def neighbours(type_: RelationshipType, *, reverse: bool) -> str:
    """The keys of the ends of relationships from ``$keys``, in pages; in reverse, of the starts.

    If ``$any_of`` is not empty, only over relationships whose first property, a list, has a member
    of it.
    """
    here, there = (type_.end, type_.start) if reverse else (type_.start, type_.end)
    path = f"<-[r:{type_.name}]-" if reverse else f"-[r:{type_.name}]->"
    lists = [f"r.{p.name}" for p in type_.properties[:1]]
    matches = "".join(f"any(x IN {name} WHERE x IN $any_of)" for name in lists) or "false"
    found = (
        f"UNWIND $keys AS key MATCH {_node('s', here)}{path}(e) {_index_seek('s', here)} "
        f"WHERE size($any_of) = 0 OR {matches} WITH collect(DISTINCT e) AS listed"
    )
    return _in_pages(found, f"n.{there.key.name}")


def starts_by_properties(type_: RelationshipType) -> str:
    """For each set of property values of relationships to ``$key``: the values, then the starts."""
    columns = "".join(f"r.{p.name}, " for p in type_.properties)
    return f"MATCH {_path_to(type_, '$key')} RETURN {columns}collect(s.{type_.start.key.name})"


def adjacent(type_: RelationshipType) -> str:
    """For each of ``$keys`` the relationships from it: lists of the end's key and the values."""
    return f"UNWIND $keys AS key MATCH {_node('s', type_.start)} RETURN key, {_paths_from(type_)}"


def count(what: NodeType | RelationshipType) -> str:
    """The number of nodes or relationships, which Neo4j keeps and need not count."""
    if isinstance(what, NodeType):
        return f"MATCH (n:{what.label}) RETURN count(n)"
    return f"MATCH ()-[r:{what.name}]->() RETURN count(r)"


def all_nodes(label: NodeType) -> str:
    """For each node of a label its key and the list of all its values."""
    listed = ", ".join(f"n.{p.name}" for p in label.properties)
    return f"MATCH (n:{label.label}) RETURN n.{label.key.name}, [{listed}]"


def all_relationships(type_: RelationshipType) -> str:
    """For each node of the start's label its key and the relationships from it."""
    start = f"s.{type_.start.key.name}"
    return f"MATCH (s:{type_.start.label}) RETURN {start}, {_paths_from(type_)}"


def merge_nodes(label: NodeType) -> str:
    """Sets ``properties`` of the node ``key`` for each of ``$rows``; missing nodes are created."""
    return f"UNWIND $rows AS row MERGE {_node('n', label, 'row.key')} SET n += row.properties"


def create_nodes(label: NodeType) -> str:
    """Creates a node for each of ``$rows``, a key and all values; none of them may exist yet."""
    names = [p.name for p in (label.key, *label.properties)]
    properties = ", ".join(f"{name}: row[{i}]" for i, name in enumerate(names))
    return f"UNWIND $rows AS row CREATE (n:{label.label} {{{properties}}})"


def create_nodes_of_texts(label: NodeType) -> str:
    """The same, where the rows are texts."""
    every = enumerate((label.key, *label.properties))
    values = ", ".join(f"{p.name}: {texts.from_text(p.kind, f'row[{i}]')}" for i, p in every)
    split = f"split(text, {texts.quoted(texts.END)})"
    return f"UNWIND $rows AS text WITH {split} AS row CREATE (n:{label.label} {{{values}}})"


def merge_relationships(type_: RelationshipType) -> str:
    """Creates relationships for ``$rows`` of ``start``, ``end`` and ``properties``.

    One that exists without properties gets them; one that has properties keeps its own.
    """
    ends = f"MATCH {_node('s', type_.start, 'row.start')} MATCH {_node('e', type_.end, 'row.end')}"
    fill = " WITH r, row WHERE size(keys(r)) = 0 SET r = row.properties" * bool(type_.properties)
    return f"UNWIND $rows AS row {ends} MERGE (s)-[r:{type_.name}]->(e){fill}"


def create_relationships(type_: RelationshipType) -> str:
    """Creates relationships for ``$rows`` of a start and its ends; none of them may exist yet.

    The ends are lists, each with the index of the relationships' properties in ``$properties``.
    """
    return (
        f"UNWIND $rows AS row MATCH {_node('s', type_.start, 'row[0]')} UNWIND row[1] AS some "
        f"WITH s, $properties[some[0]] AS p, some[1] AS ends {_create_ends(type_)}"
    )


def create_relationships_of_texts(type_: RelationshipType) -> str:
    """The same, where the rows are texts: the start, and after NEXT each list with its index."""
    split = f"split(one, {texts.quoted(texts.END)})"
    return (
        f"UNWIND $rows AS text WITH split(text, {texts.quoted(texts.NEXT)}) AS row "
        f"MATCH {_node('s', type_.start, 'row[0]')} UNWIND row[1..] AS one WITH s, {split} AS some "
        f"WITH s, $properties[toInteger(some[0])] AS p, some[1..] AS ends {_create_ends(type_)}"
    )


def _create_ends(type_: RelationshipType) -> str:
    named = ", ".join(f"{p.name}: p.{p.name}" for p in type_.properties)
    relationship = f"[:{type_.name}{f' {{{named}}}' if named else ''}]"
    return f"UNWIND ends AS to MATCH {_node('e', type_.end, 'to')} CREATE (s)-{relationship}->(e)"


def differing_nodes(label: NodeType, types: tuple[RelationshipType, ...]) -> str:
    """Finds nodes that Neo4j holds differently from what we are about to send.

    Sending every property and end would be sending the graph again, so each node is reduced to one
    text of its properties (``$texts``) and to a sum of random weights of the ends of its
    relationships (``$weights``: a mapping from ends to weights for each type; ``$sums``). For ends
    of relationships without properties there is a sum of its own (``$bare_sums``); if the server's
    is another, and not 0, a relationship lacks properties that we have.

    Returns, for each node that differs, its index in ``$keys``, its properties if those differ
    (else null), and whether relationships are missing or incomplete.
    """
    start = _node("s", label, "$keys[i]")
    sums = [_sum_of_weights(i, type_) for i, type_ in enumerate(types)]
    bare_sums = [_sum_of_weights(i, t, bare=True) for i, t in enumerate(types) if t.properties]
    return (
        f"UNWIND range(0, size($keys) - 1) AS i MATCH {start} "
        f"WITH i, s, {texts.in_cypher('s', label.properties)} <> $texts[i] AS differs, "
        f"{' + '.join(sums or '0')} <> $sums[i] AS lacks, "
        f"NOT {' + '.join(bare_sums or '0')} IN [0, $bare_sums[i]] AS incomplete "
        "WHERE differs OR lacks OR incomplete "
        "RETURN i, CASE WHEN differs THEN properties(s) END, lacks OR incomplete"
    )


def _sum_of_weights(i: int, type_: RelationshipType, *, bare: bool = False) -> str:
    is_bare = " AND ".join(f"r.{p.name} IS NULL" for p in type_.properties)
    path = f"-[r:{type_.name}]->(e) WHERE {is_bare}" if bare else f"-[:{type_.name}]->(e)"
    weight = f"coalesce($weights[{i}][e.{type_.end.key.name}], 0)"
    return f"reduce(x = 0, w IN [(s){path} | {weight}] | x + w)"


def discard(type_: RelationshipType) -> str:
    """Deletes the relationships from ``$keys`` to ``$end``."""
    # Not by UNWIND, which would walk all relationships to the end once for each key.
    return f"MATCH {_path_to(type_, '$end')} WHERE s.{type_.start.key.name} IN $keys DELETE r"


def clear(label: NodeType) -> str:
    """Removes all properties of the nodes with ``$keys`` but their keys."""
    node = _node("n", label)
    return f"UNWIND $keys AS key MATCH {node} SET n = {{{label.key.name}: key}}"


def remove(label: NodeType) -> str:
    """Deletes the nodes with ``$keys``, and all relationships at them."""
    return f"UNWIND $keys AS key MATCH {_node('n', label)} DETACH DELETE n"


def remove_up_to(label: NodeType) -> str:
    """Deletes at most ``$limit`` nodes of a label; returns how many."""
    return f"MATCH (n:{label.label}) WITH n LIMIT $limit DETACH DELETE n RETURN count(*)"


def _node(name: str, label: NodeType, key: str = "key") -> str:
    return f"({name}:{label.label} {{{label.key.name}: {key}}})"


def _path_to(type_: RelationshipType, key: str) -> str:
    """The relationships ``r`` from ``s`` to one end."""
    return f"{_node('e', type_.end, key)}<-[r:{type_.name}]-(s) {_index_seek('e', type_.end)}"


def _index_seek(name: str, label: NodeType) -> str:
    """Forces a lookup by key: until its statistics are new, Neo4j takes loaded labels for empty."""
    return f"USING INDEX SEEK {name}:{label.label}({label.key.name})"


def _paths_from(type_: RelationshipType) -> str:
    """The relationships from ``s`` as one list of lists, so that there are no rows to group."""
    listed = ", ".join((f"e.{type_.end.key.name}", *(f"r.{p.name}" for p in type_.properties)))
    return f"[(s)-[r:{type_.name}]->(e) | [{listed}]]"
