// Counts of nodes by label and of relationships by type
// Written by python -m cachegraph.neo4j.cypher_files
MATCH (n:Package) WITH count(n) AS count RETURN 'Package' AS of, count
UNION ALL
MATCH (n:Spec) WITH count(n) AS count RETURN 'Spec' AS of, count
UNION ALL
MATCH (n:Stack) WITH count(n) AS count RETURN 'Stack' AS of, count
UNION ALL
MATCH (n:Release) WITH count(n) AS count RETURN 'Release' AS of, count
UNION ALL
MATCH (n:Compiler) WITH count(n) AS count RETURN 'Compiler' AS of, count
UNION ALL
MATCH (n:OperatingSystem) WITH count(n) AS count RETURN 'OperatingSystem' AS of, count
UNION ALL
MATCH (n:Target) WITH count(n) AS count RETURN 'Target' AS of, count
UNION ALL
MATCH (n:Source) WITH count(n) AS count RETURN 'Source' AS of, count
UNION ALL
MATCH ()-[r:OF_PACKAGE]->() WITH count(r) AS count RETURN 'OF_PACKAGE' AS of, count
UNION ALL
MATCH ()-[r:IN_STACK]->() WITH count(r) AS count RETURN 'IN_STACK' AS of, count
UNION ALL
MATCH ()-[r:ROOT_OF]->() WITH count(r) AS count RETURN 'ROOT_OF' AS of, count
UNION ALL
MATCH ()-[r:OF_RELEASE]->() WITH count(r) AS count RETURN 'OF_RELEASE' AS of, count
UNION ALL
MATCH ()-[r:BUILT_WITH]->() WITH count(r) AS count RETURN 'BUILT_WITH' AS of, count
UNION ALL
MATCH ()-[r:RUNS_ON]->() WITH count(r) AS count RETURN 'RUNS_ON' AS of, count
UNION ALL
MATCH ()-[r:BUILT_FOR]->() WITH count(r) AS count RETURN 'BUILT_FOR' AS of, count
UNION ALL
MATCH ()-[r:DEPENDS_ON]->() WITH count(r) AS count RETURN 'DEPENDS_ON' AS of, count
UNION ALL
MATCH ()-[r:EXTENDS]->() WITH count(r) AS count RETURN 'EXTENDS' AS of, count
UNION ALL
MATCH ()-[r:RECORDED_IN]->() WITH count(r) AS count RETURN 'RECORDED_IN' AS of, count
UNION ALL
MATCH ()-[r:BUILT_AS]->() WITH count(r) AS count RETURN 'BUILT_AS' AS of, count
