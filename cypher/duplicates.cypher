// Duplicates: specs that look the same but have several hashes; within: only where one stack has several of them
// :param {stacks: ['develop/e4s', 'develop/ml-linux-x86_64-cpu', 'develop/ml-linux-x86_64-cuda'], within: null, without: null}
UNWIND $stacks AS key
MATCH (:Stack {key: key})<-[:IN_STACK]-(spec:Spec)
WHERE spec.alike IS NOT NULL AND NOT coalesce(spec.package, '') IN coalesce($without, [])
WITH spec, collect(key) AS keys
ORDER BY spec.hash
WITH spec.alike AS alike, spec.package AS package, spec.version AS version,
  collect(spec.hash) AS hashes, collect(keys) AS held
WHERE size(hashes) > 1
UNWIND held AS keys
UNWIND keys AS key
WITH alike, package, version, hashes, key, count(*) AS count
ORDER BY key
WITH alike, package, version, hashes, collect(key) AS stacks, max(count) AS within
WHERE within > 1 OR NOT coalesce($within, false)
RETURN package, version, size(hashes) AS builds, stacks, hashes
ORDER BY builds DESC, package, version
