// Constraints and indexes of cachegraph; can be run again
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
