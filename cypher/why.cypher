// Why: two specs and all their dependencies, to find what differs
// :param {hashes: ['gfqw5z2do26clsa6syv57ljxldpcfwyp', 'h4ofah72bv23c3gfimfmaobqgjf3gtq4']}
UNWIND $hashes AS hash
MATCH (asked:Spec {hash: hash})-[:DEPENDS_ON*0..]->(spec)
WITH DISTINCT spec
RETURN
  spec,
  [(spec)-[needs:DEPENDS_ON]->(needed) | [needed.hash, needs.deptypes, needs.virtuals]] AS dependencies
