// Impact: what must be built for one stack that another has not, and what a cache has of it
// :param {stacks: ['e4s-24.02/gcc-cuda', 'e4s-24.11/gcc-cuda'], caches: ['e4s-24.11/gcc-cpu']}
MATCH (:Stack {key: $stacks[1]})<-[:IN_STACK]-(spec:Spec)
// What is installed outside Spack is not built.
WHERE NOT coalesce(spec.external, false)
  AND NOT EXISTS { (spec)-[:IN_STACK]->(:Stack {key: $stacks[0]}) }
WITH
  spec,
  EXISTS { MATCH (spec)-[:IN_STACK]->(cache:Stack) WHERE cache.key IN $caches } AS cached
ORDER BY spec.package, spec.version, spec.hash
RETURN cached, count(*) AS builds, collect(spec.package + '@' + spec.version) AS specs
ORDER BY cached
