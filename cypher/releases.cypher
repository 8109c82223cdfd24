// Releases: their stacks and specs, what several stacks share, and what is built twice
MATCH (release:Release)
OPTIONAL MATCH (release)<-[:OF_RELEASE]-(stack:Stack)<-[:IN_STACK]-(spec:Spec)
// Root holds the specs of all stacks once more.
WITH release, spec, sum(CASE stack.name WHEN 'root' THEN 0 ELSE 1 END) AS held
WITH release, spec, held, CASE WHEN held > 0 THEN spec.alike END AS alike
RETURN release.name AS name, COUNT { (release)<-[:OF_RELEASE]-(:Stack) } AS stacks, count(spec) AS specs,
  sum(CASE WHEN held > 1 THEN 1 ELSE 0 END) AS shared, count(alike) - count(DISTINCT alike) AS redundant
ORDER BY name
