// Stacks of one release, or of all if it is null: the numbers of specs and roots, and the groups of roots
// :param {release: 'develop'}
MATCH (stack:Stack)
WHERE $release IS NULL OR stack.release = $release
RETURN
  stack.key AS key,
  stack.release AS release,
  stack.name AS name,
  COUNT { (stack)<-[:IN_STACK]-() } AS specs,
  COUNT { (stack)<-[:ROOT_OF]-() } AS roots,
  COLLECT { MATCH (stack)<-[asked:ROOT_OF]-() WHERE asked.group IS NOT NULL RETURN DISTINCT asked.group } AS groups
ORDER BY key
