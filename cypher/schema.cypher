// Constraints, indexes and names of cachegraph; can be run again
// Written by python -m cachegraph.neo4j.cypher_files
CREATE CONSTRAINT cachegraph_package_key IF NOT EXISTS FOR (n:Package) REQUIRE n.name IS UNIQUE;
CREATE CONSTRAINT cachegraph_spec_key IF NOT EXISTS FOR (n:Spec) REQUIRE n.hash IS UNIQUE;
CREATE CONSTRAINT cachegraph_stack_key IF NOT EXISTS FOR (n:Stack) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT cachegraph_release_key IF NOT EXISTS FOR (n:Release) REQUIRE n.name IS UNIQUE;
CREATE CONSTRAINT cachegraph_compiler_key IF NOT EXISTS FOR (n:Compiler) REQUIRE n.name IS UNIQUE;
CREATE CONSTRAINT cachegraph_operatingsystem_key IF NOT EXISTS FOR (n:OperatingSystem) REQUIRE n.name IS UNIQUE;
CREATE CONSTRAINT cachegraph_target_key IF NOT EXISTS FOR (n:Target) REQUIRE n.name IS UNIQUE;
CREATE CONSTRAINT cachegraph_source_key IF NOT EXISTS FOR (n:Source) REQUIRE n.digest IS UNIQUE;
CREATE CONSTRAINT cachegraph_cachegraph_key IF NOT EXISTS FOR (n:CacheGraph) REQUIRE n.key IS UNIQUE;
CREATE INDEX cachegraph_spec_package IF NOT EXISTS FOR (n:Spec) ON (n.package);
CREATE INDEX cachegraph_spec_alike IF NOT EXISTS FOR (n:Spec) ON (n.alike);
UNWIND ['OF_PACKAGE', 'IN_STACK', 'ROOT_OF', 'OF_RELEASE', 'BUILT_WITH', 'RUNS_ON', 'BUILT_FOR', 'DEPENDS_ON', 'EXTENDS', 'RECORDED_IN', 'BUILT_AS'] AS name CALL db.createRelationshipType(name);
UNWIND ['alike', 'compiler', 'conflicts', 'date', 'deprecated_for', 'deptypes', 'differs', 'external', 'family', 'flags', 'format', 'format_version', 'generation', 'group', 'imported_at', 'index_fault', 'languages', 'lists', 'location', 'modules', 'name', 'namespace', 'os', 'package', 'package_hash', 'part_of', 'platform', 'prefix', 'provides', 'reader', 'reason', 'recomputed', 'release', 'requests', 'size', 'specfile_version', 'specs', 'target', 'target_features', 'variants', 'vendor', 'verified', 'version', 'virtuals'] AS name CALL db.createProperty(name);
