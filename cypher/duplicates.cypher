// Duplicates: specs that look the same but have several hashes; within: only where one stack has several
// :param {stacks: ['develop/e4s', 'develop/ml-linux-x86_64-cpu', 'develop/ml-linux-x86_64-cuda'], within: null, without: null}
CALL () {
  UNWIND $stacks AS key
  MATCH (stack:Stack {key: key})
  WITH stack, COUNT { (stack)<-[:IN_STACK]-() } AS held,
    [(stack)<-[:IN_STACK]-(spec) WHERE spec.package IN coalesce($without, []) | spec.package] AS left
  RETURN collect({key: stack.key, specs: held - size(left)}) AS sizes
}
// With a variable of the part before, the parts follow each other; without, they are multiplied.
CALL (sizes) {
  UNWIND $stacks AS key
  MATCH (:Stack {key: key})<-[:IN_STACK]-(spec:Spec)
  WHERE spec.alike IS NOT NULL AND NOT coalesce(spec.package, '') IN coalesce($without, [])
  WITH spec, collect(key) AS keys
  WITH spec.alike AS alike, spec.package AS package, spec.version AS version,
    collect(spec.hash) AS hashes, collect(spec.size) AS bytes, collect(keys) AS held
  WHERE size(hashes) > 1
  UNWIND held AS keys
  UNWIND keys AS key
  WITH alike, package, version, hashes, bytes, key, count(*) AS count
  WITH alike, package, version, hashes, bytes, collect(key) AS stacks, max(count) AS within
  WHERE within > 1 OR NOT coalesce($within, false)
  RETURN collect({alike: alike, package: package, version: version, within: within, hashes: hashes, sizes: bytes, stacks: stacks}) AS groups
}
RETURN sizes, groups
