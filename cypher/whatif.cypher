// What if a package had one configuration: the builds that it would save at most
// :param {stacks: ['e4s-24.11/gcc-cpu', 'e4s-24.11/gcc-cuda']}
UNWIND $stacks AS key
MATCH (:Stack {key: key})<-[:IN_STACK]-(build:Spec)
WITH collect(DISTINCT build) AS builds
CALL (builds) {
  // Builds of the package itself, if it has several configurations.
  UNWIND builds AS build
  // A configuration is what a build has by itself, whatever it depends on.
  WITH build.package AS package, build.alike + coalesce(build.package_hash, '') AS configuration
  WITH package, count(*) - 1 AS saved, count(DISTINCT configuration) AS configurations
  WHERE configurations > 1
  RETURN package, saved
  UNION ALL
  // Near-duplicates that depend on different configurations of it.
  UNWIND builds AS build
  WITH build.alike AS alike, collect(build) AS near
  WHERE alike IS NOT NULL AND size(near) > 1
  UNWIND near AS build
  MATCH (build)-[:DEPENDS_ON*1..]->(needed)
  WITH DISTINCT alike, build, needed
  WITH alike, build, needed.package AS package,
    needed.alike + coalesce(needed.package_hash, '') AS configuration
  ORDER BY configuration
  WITH alike, build, package, collect(DISTINCT configuration) AS configurations
  WITH alike, package, collect(DISTINCT configurations) AS different
  WHERE size(different) > 1
  RETURN package, sum(size(different) - 1) AS saved
}
RETURN package, sum(saved) AS saves_at_most
ORDER BY saves_at_most DESC, package
