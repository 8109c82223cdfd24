// Blame: packages in several configurations, ranked by the near-duplicates that these make
// :param {stacks: ['e4s-24.11/gcc-cpu', 'e4s-24.11/gcc-cuda']}
UNWIND $stacks AS key
MATCH (:Stack {key: key})<-[:IN_STACK]-(build:Spec)
WHERE build.alike IS NOT NULL
WITH build.alike AS alike, collect(DISTINCT build) AS builds
WHERE size(builds) > 1
UNWIND builds AS build
MATCH (build)-[:DEPENDS_ON*0..]->(needed)
WITH DISTINCT alike, build, needed
// A configuration is what a build has by itself, whatever it depends on.
WITH alike, build, needed.package AS package,
    needed.alike + coalesce(needed.package_hash, '') AS configuration
ORDER BY configuration
WITH alike, build, package, collect(DISTINCT configuration) AS configurations
WITH alike, build.package AS double, package, collect(DISTINCT configurations) AS different
WHERE size(different) > 1
RETURN
  package,
  sum(size(different) - 1) AS redundant,
  count(*) AS groups,
  collect(DISTINCT double) AS doubles
ORDER BY redundant DESC, package
