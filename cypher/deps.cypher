// Deps: what specs depend on, how far away it is, and the types of direct dependencies
// :param {hashes: ['yy5fwehvdehu6z26vdaik4iqvvqqwvzp'], transitive: true, deptypes: ['link', 'run']}
UNWIND $hashes AS hash
MATCH (:Spec {hash: hash})-[needs:DEPENDS_ON]->(spec)
WHERE NOT spec.hash IN $hashes
  AND (size($deptypes) = 0 OR any(deptype IN needs.deptypes WHERE deptype IN $deptypes))
RETURN spec, 1 AS depth, needs.deptypes AS deptypes, needs.virtuals AS virtuals
UNION ALL
// Only the length of a path is used: so Neo4j expands each spec once, and not every path.
UNWIND CASE WHEN $transitive THEN $hashes ELSE [] END AS hash
MATCH (root:Spec {hash: hash})
MATCH path = (root)-[:DEPENDS_ON*1..]->(spec)
WHERE all(needs IN relationships(path)
  WHERE size($deptypes) = 0 OR any(deptype IN needs.deptypes WHERE deptype IN $deptypes))
WITH spec, min(length(path)) AS depth
WHERE depth > 1 AND NOT spec.hash IN $hashes
RETURN spec, depth, null AS deptypes, null AS virtuals
