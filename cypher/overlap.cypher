// Overlap: what two or more stacks share, and in what the rest differs
// :param {stacks: ['develop/ml-linux-x86_64-cpu', 'develop/ml-linux-x86_64-cuda']}
CALL () {
  MATCH (left:Stack {key: $stacks[0]})<-[:IN_STACK]-(spec:Spec)-[:IN_STACK]->(right:Stack {key: $stacks[1]})
  USING INDEX SEEK left:Stack(key)
  USING INDEX SEEK right:Stack(key)
  USING JOIN ON spec
  WHERE all(key IN $stacks[2..] WHERE EXISTS { (spec)-[:IN_STACK]->(:Stack {key: key}) })
  RETURN collect(spec) AS shared
}
// With a variable of the part before, the parts follow each other; without, they are multiplied.
CALL (shared) {
  UNWIND $stacks AS key
  MATCH (stack:Stack {key: key})
  RETURN collect(stack) AS stacks, collect(COUNT { (stack)<-[:IN_STACK]-() }) AS sizes
}
CALL (shared) {
  // A token is shared if it is in all of the stacks.
  UNWIND $stacks AS key
  MATCH (:Stack {key: key})<-[:IN_STACK]-(spec:Spec)
  UNWIND [
    ['hash', spec.hash],
    ['alike', spec.alike],
    ['spec', spec.package, spec.version, spec.variants],
    ['version', spec.package, spec.version],
    ['package', spec.package]
  ] AS token
  // A spec of an unknown package equals no other.
  WITH token, key WHERE token[1] IS NOT NULL
  WITH token, count(DISTINCT key) AS held
  WITH token[0] AS level, count(*) AS all, sum(CASE held WHEN size($stacks) THEN 1 ELSE 0 END) AS both
  RETURN collect({level: level, shared: both, union: all}) AS levels
}
CALL (shared) {
  // How many specs exactly which of the stacks hold.
  UNWIND $stacks AS key
  MATCH (:Stack {key: key})<-[:IN_STACK]-(spec:Spec)
  WITH spec, collect(key) AS held
  WITH [key IN $stacks WHERE key IN held] AS held, count(*) AS specs
  RETURN collect({stacks: held, specs: specs}) AS intersections
}
CALL (shared) {
  // An attribute differs if none of its values is in all of the stacks.
  UNWIND $stacks AS key
  MATCH (:Stack {key: key})<-[:IN_STACK]-(spec:Spec)
  WHERE spec.package IS NOT NULL
  UNWIND ['package', 'hash', 'compiler', 'os', 'target', 'variants'] AS attribute
  WITH spec.package AS package, spec.version AS version, attribute, spec[attribute] AS value,
    count(DISTINCT key) AS held
  WITH package, version, attribute, max(held) AS held
  WITH package, version, collect(CASE WHEN held < size($stacks) THEN attribute END) AS differs
  WHERE 'hash' IN differs AND NOT 'package' IN differs
  RETURN collect({package: package, version: version, differs: differs}) AS apart
}
RETURN stacks, sizes, shared, levels, intersections, apart
