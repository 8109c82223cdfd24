// Affected: what depends on specs, and they themselves; the stacks that hold it or ask for it
// :param {hashes: ['bjsdov6ayw2myo7jf2pril2wkxeg2ync', 'lfrsrvhvxl76bityjpvermdpz2iektis'], deptypes: []}
UNWIND $hashes AS hash
MATCH (root:Spec {hash: hash})
// Each spec is expanded once: all that is asked of a path is its length.
MATCH path = (root)<-[:DEPENDS_ON*0..]-(spec)
WHERE all(needs IN relationships(path)
  WHERE size($deptypes) = 0 OR any(deptype IN needs.deptypes WHERE deptype IN $deptypes))
WITH spec, min(length(path)) AS depth
RETURN
  spec,
  depth,
  [(spec)-[:IN_STACK]->(stack) | stack.key] AS stacks,
  [(spec)-[:ROOT_OF]->(stack) | stack.key] AS roots
