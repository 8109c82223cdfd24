// Verify: for each source, how many specs have the DAG hash that its bytes give, and why others do not
MATCH (spec:Spec)-[recorded:RECORDED_IN]->(source:Source)
RETURN
  source.location AS location,
  recorded.verified AS verified,
  recorded.reason AS reason,
  recorded.differs AS differs,
  recorded.index_fault AS index_fault,
  count(*) AS count,
  source.digest AS source,
  collect(spec.hash) AS specs
ORDER BY location, verified, reason
