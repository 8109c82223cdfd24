"""The statements that the program sends for questions whose files show people something else.

Each finds all parts of an answer, in one row.
"""

_SIZES = """\
CALL () {
  UNWIND $stacks AS key
  MATCH (stack:Stack {key: key})
  WITH stack, COUNT { (stack)<-[:IN_STACK]-() } AS held,
    CASE size($without) WHEN 0 THEN [] ELSE
      [(stack)<-[:IN_STACK]-(spec) WHERE spec.package IN $without | spec.package]
    END AS left
  RETURN collect({key: stack.key, specs: held - size(left)}) AS sizes
}
"""

_FOLLOWS = """\
// With a variable of the part before, the parts follow each other; without, they are multiplied.
"""

_EQUAL_AT_LEVEL = """\
  WITH key, spec,
    CASE $level
      WHEN 'hash' THEN [spec.hash]
      WHEN 'alike' THEN [spec.alike]
      WHEN 'spec' THEN [spec.package, spec.version, spec.variants]
      WHEN 'version' THEN [spec.package, spec.version]
      ELSE [spec.package]
    END AS token
  // A spec whose value is unknown equals no other spec.
  WHERE token[0] IS NOT NULL
  WITH token, key, spec ORDER BY spec.hash
  WITH token, collect(DISTINCT key) AS stacks, collect(DISTINCT spec) AS equal
"""

_EACH_SPEC = """\
CALL (sizes) {
  UNWIND $stacks AS key
  MATCH (:Stack {key: key})<-[:IN_STACK]-(spec:Spec)
"""

_SHARED = (
    _SIZES
    + _FOLLOWS
    + _EACH_SPEC
    + """\
  WHERE NOT coalesce(spec.package, '') IN $without
"""
    + _EQUAL_AT_LEVEL
    + """\
  WHERE size(stacks) >= $at_least
  RETURN collect({spec: equal[0], hashes: [spec IN equal | spec.hash], stacks: stacks}) AS specs
}
RETURN sizes, specs
"""
)

# By columns: a map for each group would take the driver longer than all the rest.
_DUPLICATES = (
    _SIZES
    + _FOLLOWS
    + """\
CALL (sizes) {
  UNWIND range(0, size($stacks) - 1) AS place
  MATCH (:Stack {key: $stacks[place]})<-[:IN_STACK]-(spec:Spec)
  WHERE spec.alike IS NOT NULL
    AND (size($without) = 0 OR NOT coalesce(spec.package, '') IN $without)
  WITH spec.alike AS alike, collect(spec) AS specs, collect(place) AS places
  WHERE any(spec IN specs WHERE spec <> specs[0])
  RETURN collect([alike, specs, places]) AS groups
}
RETURN
  sizes,
  [group IN groups | group[0]] AS alike,
  [group IN groups | group[1][0].package] AS packages,
  [group IN groups | group[1][0].version] AS versions,
  [group IN groups | [spec IN group[1] | spec.hash]] AS hashes,
  [group IN groups | [spec IN group[1] | spec.size]] AS bytes,
  // Of one stack all places are 0.
  [group IN groups | CASE size($stacks) WHEN 1 THEN [] ELSE group[2] END] AS places
"""
)

_UNIQUE = (
    """\
CALL () {
  MATCH (:Stack {key: $stack})<-[:IN_STACK]-(spec:Spec)
  WHERE NOT coalesce(spec.package, '') IN $without
  RETURN count(spec) AS size
}
"""
    + _FOLLOWS
    + """\
CALL (size) {
  UNWIND [$stack] + $among AS key
  MATCH (:Stack {key: key})<-[:IN_STACK]-(spec:Spec)
  WHERE NOT coalesce(spec.package, '') IN $without
"""
    + _EQUAL_AT_LEVEL
    + """\
  WHERE stacks = [$stack]
  RETURN collect({spec: equal[0], hashes: [spec IN equal | spec.hash], stacks: stacks}) AS specs
}
CALL (size) {
  UNWIND [$stack] + $among AS key
  MATCH (:Stack {key: key})<-[:IN_STACK]-(spec:Spec)
  WHERE NOT coalesce(spec.package, '') IN $without
    AND spec.package IS NOT NULL AND spec.version IS NOT NULL
  WITH spec.package AS package, spec.version AS version, collect(DISTINCT key) AS stacks
  WHERE stacks = [$stack]
  RETURN collect({package: package, version: version}) AS versions
}
CALL (size) {
  UNWIND [$stack] + $among AS key
  MATCH (:Stack {key: key})<-[:IN_STACK]-(spec:Spec)
  WHERE NOT coalesce(spec.package, '') IN $without
    AND spec.package IS NOT NULL AND spec.target IS NOT NULL
  WITH spec.package AS package, spec.target AS target, collect(DISTINCT key) AS stacks
  WHERE stacks = [$stack]
  RETURN collect({package: package, target: target}) AS cells
}
CALL (size) {
  MATCH (:Stack {key: $stack})<-[:IN_STACK]-(spec:Spec)
  WHERE NOT coalesce(spec.package, '') IN $without
    AND NOT EXISTS { MATCH (spec)-[:IN_STACK]->(other:Stack) WHERE other.key IN $among }
  RETURN count(spec) AS lost, count(spec.size) AS sized, sum(spec.size) AS bytes
}
CALL (size) {
  // Roots of the other stacks that depend on specs which only this stack has.
  MATCH (:Stack {key: $stack})<-[:IN_STACK]-(spec:Spec)
  WHERE size($among) > 0 AND NOT coalesce(spec.package, '') IN $without
    AND NOT EXISTS { MATCH (spec)-[:IN_STACK]->(other:Stack) WHERE other.key IN $among }
  MATCH (spec)<-[:DEPENDS_ON*0..100]-(root:Spec)
  WITH DISTINCT spec, root
  MATCH (root)-[:ROOT_OF]->(other:Stack)
  WHERE other.key IN $among
  WITH root, other, collect(DISTINCT spec.hash) AS missing
  RETURN collect({
    hash: root.hash, package: root.package, version: root.version,
    stack: other.key, missing: missing
  }) AS roots
}
RETURN size, specs, versions, cells, roots, lost, sized, bytes
"""
)

OWN_STATEMENTS = {
    "shared": _SHARED,
    "duplicates": _DUPLICATES,
    "unique": _UNIQUE,
}
"""The statement of each question that has one besides its file."""
