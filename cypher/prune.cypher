// Prune: the specs that would go with stacks, as no other stack but root holds them
// :param {dropped: ['develop/ml-linux-x86_64-cpu']}
UNWIND $dropped AS key
MATCH (:Stack {key: key})<-[:IN_STACK]-(spec:Spec)
WITH DISTINCT spec
WHERE NOT EXISTS {
  MATCH (spec)-[:IN_STACK]->(other:Stack)
  WHERE other.name <> 'root' AND NOT other.key IN $dropped
}
RETURN spec
ORDER BY spec.package, spec.version, spec.hash
