// Unique: what one stack has and the others do not; level is hash, alike, spec, version or package
// :param {stack: 'develop/ml-linux-x86_64-cpu', among: ['develop/ml-linux-x86_64-cuda', 'develop/ml-linux-x86_64-rocm'], level: null, without: null}
UNWIND [$stack] + $among AS key
MATCH (:Stack {key: key})<-[:IN_STACK]-(spec:Spec)
WHERE NOT coalesce(spec.package, '') IN coalesce($without, [])
WITH key, spec,
  CASE coalesce($level, 'hash')
    WHEN 'hash' THEN [spec.hash]
    WHEN 'alike' THEN [spec.alike]
    WHEN 'spec' THEN [spec.package, spec.version, spec.variants]
    WHEN 'version' THEN [spec.package, spec.version]
    ELSE [spec.package]
  END AS token
// A spec whose value is unknown equals no other spec.
WHERE token[0] IS NOT NULL
WITH token, key, spec
ORDER BY spec.hash
WITH token, collect(DISTINCT key) AS stacks, collect(DISTINCT spec) AS equal
WHERE stacks = [$stack]
RETURN equal[0] AS spec, size(equal) AS specs
ORDER BY spec.package, spec.version, spec.hash
