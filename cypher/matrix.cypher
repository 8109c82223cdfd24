// Matrix: how much every pair of stacks shares; level is hash, alike, spec, version or package
// :param {stacks: ['develop/e4s', 'develop/ml-linux-x86_64-cpu', 'develop/ml-linux-x86_64-cuda'], level: null}
UNWIND $stacks AS key
MATCH (:Stack {key: key})<-[:IN_STACK]-(spec:Spec)
WITH key,
  CASE coalesce($level, 'hash')
    WHEN 'hash' THEN [spec.hash]
    WHEN 'alike' THEN [spec.alike]
    WHEN 'spec' THEN [spec.package, spec.version, spec.variants]
    WHEN 'version' THEN [spec.package, spec.version]
    ELSE [spec.package]
  END AS token
// A spec whose value is unknown equals no other spec.
WHERE token[0] IS NOT NULL
WITH token, collect(DISTINCT key) AS held
UNWIND held AS left
UNWIND held AS right
RETURN left, right, count(*) AS shared
ORDER BY left, right
