"""The graph model: schema, spec records, nodes and relationships, and how sources merge."""
