// Why: what two specs and their dependencies have by themselves that those of the other have not
// :param {hashes: ['kc2bmnx', 'tqdtzdz']}
UNWIND [0, 1] AS side
MATCH (asked:Spec)
USING INDEX SEEK asked:Spec(hash)
WHERE asked.hash STARTS WITH $hashes[side]
MATCH (asked)-[:DEPENDS_ON*0..]->(spec)
WITH DISTINCT side, spec
UNWIND [
  '@' + spec.version,
  '%' + spec.compiler,
  'os=' + spec.os,
  'target=' + spec.target,
  'package_hash=' + spec.package_hash
] + coalesce(spec.variants, []) + coalesce(spec.flags, []) AS value
WITH spec.package AS package, value, collect(DISTINCT side) AS sides
WHERE size(sides) = 1
WITH package, value, sides[0] AS side
ORDER BY package, value
RETURN
  package,
  collect(CASE side WHEN 0 THEN value END) AS left,
  collect(CASE side WHEN 1 THEN value END) AS right
ORDER BY package
