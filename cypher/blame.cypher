// Blame: the specs of stacks and their dependencies, to find causes of near-duplicates
// Written by python -m cachegraph.neo4j.cypher_files
// :param {stacks: ['local/radiuss']}
CALL () {
  UNWIND $stacks AS key
  MATCH (:Stack {key: key})<-[:IN_STACK]-(member:Spec)
  // Begin at members that no other member depends on: all others are reached from them.
  WHERE NOT EXISTS { (member)<-[:DEPENDS_ON]-(:Spec)-[:IN_STACK]->(:Stack {key: key}) }
  MATCH (member)-[:DEPENDS_ON*0..]->(spec)
  RETURN DISTINCT spec
  UNION
  // In a cycle each member has a dependent, so no path begins there; DAG hashes rule cycles out.
  UNWIND $stacks AS key
  MATCH (:Stack {key: key})<-[:IN_STACK]-(spec:Spec)
  RETURN spec
}
RETURN
  spec,
  [(spec)-[needs:DEPENDS_ON]->(needed) | [needed.hash, needs.deptypes, needs.virtuals]] AS dependencies,
  [(spec)-[:IN_STACK]->(stack) | stack.key] AS stacks,
  [(spec)-[asked:ROOT_OF]->(stack) | [stack.key, asked.requests, asked.group]] AS roots
