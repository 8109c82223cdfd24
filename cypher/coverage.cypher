// Coverage: how many specs of each package stacks have, by target, os, compiler, platform or stack
// :param {stacks: ['develop/e4s', 'develop/ml-linux-x86_64-cpu'], by: null, without: null}
UNWIND $stacks AS key
MATCH (stack:Stack {key: key})<-[:IN_STACK]-(spec:Spec)
WHERE NOT coalesce(spec.package, '') IN coalesce($without, [])
RETURN
  spec.package AS package,
  CASE $by WHEN 'stack' THEN stack.key ELSE spec[coalesce($by, 'target')] END AS value,
  count(DISTINCT spec) AS specs
ORDER BY package, value
