"""All that talks to a Neo4j server. The driver is imported when a connection is made."""
