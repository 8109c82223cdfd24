"""The statements that fetch the part of the graph which a question then walks.

The files of these questions show people an answer of their own, so the program sends these instead.
"""

_WITH_DEPENDENCIES = """\
RETURN
  spec,
  [(spec)-[needs:DEPENDS_ON]->(needed) | [needed.hash, needs.deptypes, needs.virtuals]]
    AS dependencies\
"""

_BELOW_SPECS = f"""\
UNWIND $hashes AS hash
MATCH (asked:Spec {{hash: hash}})-[:DEPENDS_ON*0..]->(spec)
WITH DISTINCT spec
{_WITH_DEPENDENCIES}
"""

_BELOW_STACKS = f"""\
CALL () {{
  UNWIND $stacks AS key
  MATCH (:Stack {{key: key}})<-[:IN_STACK]-(member:Spec)
  // Begin at members that no other member depends on: all others are reached from them.
  WHERE NOT EXISTS {{ (member)<-[:DEPENDS_ON]-(:Spec)-[:IN_STACK]->(:Stack {{key: key}}) }}
  MATCH (member)-[:DEPENDS_ON*0..]->(spec)
  RETURN DISTINCT spec
  UNION
  // In a cycle each member has a dependent, so no path begins there; DAG hashes rule cycles out.
  UNWIND $stacks AS key
  MATCH (:Stack {{key: key}})<-[:IN_STACK]-(spec:Spec)
  RETURN spec
}}
{_WITH_DEPENDENCIES},
  [(spec)-[:IN_STACK]->(stack) | stack.key] AS stacks,
  [(spec)-[asked:ROOT_OF]->(stack) | [stack.key, asked.requests, asked.group]] AS roots
"""

OWN_STATEMENTS = {
    "why": _BELOW_SPECS,
    "blame": _BELOW_STACKS,
    "diff": _BELOW_STACKS,
    "whatif": _BELOW_STACKS,
}
"""The statement of each question that has one besides its file."""
