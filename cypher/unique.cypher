// Unique: what one stack has and the others do not, and what would be lost without it
// :param {stack: 'develop/ml-linux-x86_64-cpu', among: ['develop/ml-linux-x86_64-cuda', 'develop/ml-linux-x86_64-rocm'], level: null, without: null}
CALL () {
  MATCH (:Stack {key: $stack})<-[:IN_STACK]-(spec:Spec)
  WHERE NOT coalesce(spec.package, '') IN coalesce($without, [])
  RETURN count(spec) AS size
}
// With a variable of the part before, the parts follow each other; without, they are multiplied.
CALL (size) {
  UNWIND [$stack] + $among AS key
  MATCH (:Stack {key: key})<-[:IN_STACK]-(spec:Spec)
  WHERE NOT coalesce(spec.package, '') IN coalesce($without, [])
  WITH key, spec,
    CASE coalesce($level, 'hash')
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
  WHERE stacks = [$stack]
  RETURN collect({spec: equal[0], hashes: [spec IN equal | spec.hash], stacks: stacks}) AS specs
}
CALL (size) {
  UNWIND [$stack] + $among AS key
  MATCH (:Stack {key: key})<-[:IN_STACK]-(spec:Spec)
  WHERE NOT coalesce(spec.package, '') IN coalesce($without, [])
    AND spec.package IS NOT NULL AND spec.version IS NOT NULL
  WITH spec.package AS package, spec.version AS version, collect(DISTINCT key) AS stacks
  WHERE stacks = [$stack]
  RETURN collect({package: package, version: version}) AS versions
}
CALL (size) {
  UNWIND [$stack] + $among AS key
  MATCH (:Stack {key: key})<-[:IN_STACK]-(spec:Spec)
  WHERE NOT coalesce(spec.package, '') IN coalesce($without, [])
    AND spec.package IS NOT NULL AND spec.target IS NOT NULL
  WITH spec.package AS package, spec.target AS target, collect(DISTINCT key) AS stacks
  WHERE stacks = [$stack]
  RETURN collect({package: package, target: target}) AS cells
}
CALL (size) {
  MATCH (:Stack {key: $stack})<-[:IN_STACK]-(spec:Spec)
  WHERE NOT coalesce(spec.package, '') IN coalesce($without, [])
    AND NOT EXISTS { MATCH (spec)-[:IN_STACK]->(other:Stack) WHERE other.key IN $among }
  RETURN count(spec) AS lost, count(spec.size) AS sized, sum(spec.size) AS bytes
}
CALL (size) {
  // Roots of the other stacks that depend on specs which only this stack has.
  MATCH (:Stack {key: $stack})<-[:IN_STACK]-(spec:Spec)
  WHERE size($among) > 0 AND NOT coalesce(spec.package, '') IN coalesce($without, [])
    AND NOT EXISTS { MATCH (spec)-[:IN_STACK]->(other:Stack) WHERE other.key IN $among }
  MATCH (spec)<-[:DEPENDS_ON*0..100]-(root:Spec)
  WITH DISTINCT spec, root
  MATCH (root)-[:ROOT_OF]->(other:Stack)
  WHERE other.key IN $among
  WITH root, other, collect(DISTINCT spec.hash) AS missing
  RETURN collect({hash: root.hash, package: root.package, version: root.version, stack: other.key, missing: missing}) AS roots
}
RETURN size, specs, versions, cells, roots, lost, sized, bytes
