// Find: specs of packages or with hashes, filtered as far as Cypher can, and their stacks
// :param {packages: ['py-mpi4py'], hashes: null, platform: null, os: null, targets: null, stacks: ['develop/e4s']}
CALL () {
  UNWIND $packages AS package
  MATCH (:Package {name: package})<-[:OF_PACKAGE]-(spec:Spec)
  RETURN spec
  UNION
  UNWIND $hashes AS hash
  MATCH (spec:Spec)
  USING INDEX SEEK spec:Spec(hash)
  WHERE spec.hash STARTS WITH hash
  RETURN spec
}
WITH spec, [(spec)-[:IN_STACK]->(stack) | stack.key] AS stacks
WHERE ($platform IS NULL OR spec.platform = $platform)
  AND ($os IS NULL OR spec.os = $os)
  AND ($targets IS NULL OR spec.target IN $targets)
  AND ($stacks IS NULL OR any(key IN stacks WHERE key IN $stacks))
RETURN spec, stacks
