// Stacks of one release, or of all when it is null, with their specs and roots counted
// :param {release: 'develop'}
MATCH (stack:Stack)
WHERE $release IS NULL OR stack.release = $release
RETURN
  stack.key AS key,
  stack.release AS release,
  stack.name AS name,
  COUNT { (stack)<-[:IN_STACK]-() } AS specs,
  COUNT { (stack)<-[:ROOT_OF]-() } AS roots
ORDER BY key
