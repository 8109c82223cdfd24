// Show: specs, with their stacks, dependencies, number of dependents, and sources
// :param {hashes: ['2feova4']}
UNWIND $hashes AS hash
MATCH (spec:Spec)
USING INDEX SEEK spec:Spec(hash)
WHERE spec.hash STARTS WITH hash
RETURN
  spec,
  [(spec)-[held:IN_STACK]->(stack) | [held, stack]] AS stacks,
  [(spec)-[asked:ROOT_OF]->(stack) | [asked, stack]] AS roots,
  [(spec)-[needs:DEPENDS_ON]->(needed) | [needs, needed]] AS dependencies,
  COUNT { (spec)<-[:DEPENDS_ON]-() } AS dependents,
  [(spec)-[recorded:RECORDED_IN]->(source) | [recorded, source]] AS sources
