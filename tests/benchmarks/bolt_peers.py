"""What a person would use instead of ours on a Neo4j: each run as a process of its own.

python bolt_peers.py loop STORE URI           the obvious loop: UNWIND and MERGE, 5,000 rows a batch
python bolt_peers.py overlap URI KEY KEY      the bare driver's call of overlap.cypher
python bolt_peers.py after FOLDER URI         what a bulk import leaves to be run
"""

import os
import sys
from pathlib import Path

import neo4j

_BATCH = 5_000
_CYPHER = Path(__file__).parents[2] / "cypher"


def driver(uri: str) -> neo4j.Driver:
    auth = os.environ["NEO4J_USERNAME"], os.environ["NEO4J_PASSWORD"]
    return neo4j.GraphDatabase.driver(uri, auth=auth)


def loop(store: str, uri: str) -> None:
    """Nodes, then relationships, one type a statement."""
    from cachegraph.model.elements import Nodes, Pairs
    from cachegraph.model.schema import NODE_TYPES
    from cachegraph.opening import open_store

    nodes, relationships = {}, {}
    for element in open_store(store).elements():
        said = {
            name: [*value] if isinstance(value, tuple) else value
            for name, value in element.properties.items()
            if value is not None
        }
        if isinstance(element, Nodes):
            rows = nodes.setdefault(element.type, [])
            rows += [{"key": key, "said": said} for key in element.keys]
        else:
            one_end = not isinstance(element, Pairs)
            ends = [element.end] * len(element.starts) if one_end else element.ends
            rows = relationships.setdefault(element.type, [])
            rows += [
                {"start": start, "end": end, "said": said}
                for start, end in zip(element.starts, ends, strict=True)
            ]
    with driver(uri) as connection, connection.session() as session:
        for type_ in NODE_TYPES:
            unique = f"FOR (n:{type_.label}) REQUIRE n.{type_.key.name} IS UNIQUE"
            session.run(f"CREATE CONSTRAINT {unique}").consume()

        def send(text: str, rows: list) -> None:
            for first in range(0, len(rows), _BATCH):
                batch = rows[first : first + _BATCH]
                session.execute_write(lambda tx, batch=batch: tx.run(text, rows=batch).consume())

        for type_, rows in nodes.items():
            node = f"(n:{type_.label} {{{type_.key.name}: row.key}})"
            send(f"UNWIND $rows AS row MERGE {node} SET n += row.said", rows)
        for type_, rows in relationships.items():
            start = f"(s:{type_.start.label} {{{type_.start.key.name}: row.start}})"
            end = f"(e:{type_.end.label} {{{type_.end.key.name}: row.end}})"
            made = f"MERGE (s)-[r:{type_.name}]->(e) SET r += row.said"
            send(f"UNWIND $rows AS row MATCH {start} MATCH {end} {made}", rows)


def overlap(uri: str, *keys: str) -> None:
    """The statement that the command sends."""
    text = (_CYPHER / "overlap.cypher").read_text()
    with driver(uri) as connection:
        records, _, _ = connection.execute_query(text, stacks=[*keys], routing_="r")
        assert records[0]["stacks"]


def after(folder: str, uri: str) -> None:
    """Each statement of after.cypher by itself, as cypher-shell does."""
    lines = (Path(folder) / "after.cypher").read_text().splitlines()
    text = "\n".join(line for line in lines if not line.startswith("//"))
    with driver(uri) as connection, connection.session() as session:
        for statement in filter(None, map(str.strip, text.split(";\n"))):
            session.run(statement.rstrip(";")).consume()


if __name__ == "__main__":
    {"loop": loop, "overlap": overlap, "after": after}[sys.argv[1]](*sys.argv[2:])
