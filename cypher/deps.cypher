// Deps: specs and what they depend on, how far away it is, and the types of direct dependencies
// :param {hashes: ['4lop2wk'], transitive: null, deptypes: ['link', 'run']}
UNWIND $hashes AS hash
MATCH (spec:Spec)
USING INDEX SEEK spec:Spec(hash)
WHERE spec.hash STARTS WITH hash
RETURN spec, 0 AS depth, null AS deptypes, null AS virtuals
UNION ALL
UNWIND $hashes AS hash
MATCH (asked:Spec)
USING INDEX SEEK asked:Spec(hash)
WHERE asked.hash STARTS WITH hash
MATCH (asked)-[needs:DEPENDS_ON]->(spec)
WHERE size(coalesce($deptypes, [])) = 0 OR any(deptype IN needs.deptypes WHERE deptype IN $deptypes)
RETURN spec, 1 AS depth, needs.deptypes AS deptypes, needs.virtuals AS virtuals
UNION ALL
// Only the length of a path is used: so Neo4j expands each spec once, and not every path.
UNWIND CASE WHEN coalesce($transitive, true) THEN $hashes ELSE [] END AS hash
MATCH (asked:Spec)
USING INDEX SEEK asked:Spec(hash)
WHERE asked.hash STARTS WITH hash
MATCH path = (asked)-[:DEPENDS_ON*1..]->(spec)
WHERE all(needs IN relationships(path)
  WHERE size(coalesce($deptypes, [])) = 0 OR any(deptype IN needs.deptypes WHERE deptype IN $deptypes))
WITH spec, min(length(path)) AS depth
WHERE depth > 1
RETURN spec, depth, null AS deptypes, null AS virtuals
