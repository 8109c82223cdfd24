// Affected: specs and everything that depends on them, with the stacks they are in or are roots of
// :param {hashes: ['bjsdov6ayw2myo7jf2pril2wkxeg2ync', 'lfrsrvhvxl76bityjpvermdpz2iektis'], deptypes: []}
UNWIND $hashes AS hash
MATCH (root:Spec {hash: hash})
// Only the length of a path is used: so Neo4j expands each spec once, and not every path.
MATCH path = (root)<-[:DEPENDS_ON*0..]-(spec)
WHERE all(needs IN relationships(path)
  WHERE size($deptypes) = 0 OR any(deptype IN needs.deptypes WHERE deptype IN $deptypes))
WITH spec, min(length(path)) AS depth
RETURN
  spec,
  depth,
  [(spec)-[:IN_STACK]->(stack) | stack.key] AS stacks,
  [(spec)-[:ROOT_OF]->(stack) | stack.key] AS roots
