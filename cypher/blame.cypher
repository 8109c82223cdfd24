// Blame: the specs of stacks with all that they need, to look for what makes near-duplicates
// :param {stacks: ['local/radiuss']}
CALL () {
  UNWIND $stacks AS key
  MATCH (:Stack {key: key})<-[:IN_STACK]-(member:Spec)
  // All that is needed is below those that no other member needs.
  WHERE NOT EXISTS { (member)<-[:DEPENDS_ON]-(:Spec)-[:IN_STACK]->(:Stack {key: key}) }
  MATCH (member)-[:DEPENDS_ON*0..]->(spec)
  RETURN DISTINCT spec
  UNION
  // But for circles, which no DAG hashes allow: there each is needed by another.
  UNWIND $stacks AS key
  MATCH (:Stack {key: key})<-[:IN_STACK]-(spec:Spec)
  RETURN spec
}
RETURN
  spec,
  [(spec)-[needs:DEPENDS_ON]->(needed) | [needed.hash, needs.deptypes, needs.virtuals]] AS dependencies,
  [(spec)-[:IN_STACK]->(stack) | stack.key] AS stacks,
  [(spec)-[asked:ROOT_OF]->(stack) | [stack.key, asked.requests, asked.group]] AS roots
