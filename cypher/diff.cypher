// Diff: packages that two stacks have in other versions or builds, or only one of them has
// :param {stacks: ['e4s-24.02/gcc-cuda', 'e4s-24.11/gcc-cuda']}
UNWIND [0, 1] AS side
MATCH (:Stack {key: $stacks[side]})<-[:IN_STACK]-(spec:Spec)
WHERE spec.package IS NOT NULL
WITH side, spec
ORDER BY spec.version, spec.variants, spec.hash
WITH
  spec.package AS package,
  collect(DISTINCT CASE side WHEN 0 THEN spec.version END) AS before,
  collect(DISTINCT CASE side WHEN 1 THEN spec.version END) AS after,
  collect(DISTINCT CASE side WHEN 0 THEN spec.variants END) AS plain,
  collect(DISTINCT CASE side WHEN 1 THEN spec.variants END) AS varied,
  collect(CASE side WHEN 0 THEN spec.hash END) AS old,
  collect(CASE side WHEN 1 THEN spec.hash END) AS new
WHERE old <> new
RETURN
  package,
  CASE
    WHEN size(old) = 0 THEN 'added'
    WHEN size(new) = 0 THEN 'removed'
    WHEN before <> after THEN 'version'
    WHEN plain <> varied THEN 'variants'
    ELSE 'rebuilt'
  END AS change,
  before,
  after,
  size([hash IN old WHERE hash IN new]) AS kept
ORDER BY change, package
