// Affected: specs and everything that depends on them, with the stacks they are in or are roots of
// :param {hashes: ['6s7cgpm'], deptypes: null}
UNWIND $hashes AS hash
MATCH (asked:Spec)
USING INDEX SEEK asked:Spec(hash)
WHERE asked.hash STARTS WITH hash
// Only the length of a path is used: so Neo4j expands each spec once, and not every path.
MATCH path = (asked)<-[:DEPENDS_ON*0..]-(spec)
WHERE all(needs IN relationships(path)
  WHERE size(coalesce($deptypes, [])) = 0 OR any(deptype IN needs.deptypes WHERE deptype IN $deptypes))
WITH spec, min(length(path)) AS depth
RETURN
  spec,
  depth,
  [(spec)-[needs:DEPENDS_ON]->(needed)
    WHERE size(coalesce($deptypes, [])) = 0 OR any(deptype IN needs.deptypes WHERE deptype IN $deptypes)
    | needed.hash] AS needed,
  [(spec)-[:IN_STACK]->(stack) | stack.key] AS stacks,
  [(spec)-[:ROOT_OF]->(stack) | stack.key] AS roots
ORDER BY depth, spec.package
