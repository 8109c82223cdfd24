// Stacks of one release, or of all if it is null: the numbers of specs and roots, bytes of archives, groups of roots
// :param {release: 'develop'}
MATCH (stack:Stack)
WHERE $release IS NULL OR stack.release = $release
CALL (stack) {
  MATCH (stack)<-[:IN_STACK]-(spec)
  RETURN count(spec) AS specs, count(spec.size) AS sized, sum(spec.size) AS bytes
}
RETURN
  stack.key AS key,
  stack.release AS release,
  stack.name AS name,
  specs,
  sized,
  bytes,
  COUNT { (stack)<-[:ROOT_OF]-() } AS roots,
  COLLECT { MATCH (stack)<-[asked:ROOT_OF]-() WHERE asked.group IS NOT NULL RETURN DISTINCT asked.group } AS groups
ORDER BY key
