"""Asks the question of a command line, whoever has read that, and prints the answer."""

import os
from collections.abc import Callable, Sequence
from typing import Any

from cachegraph.asked import AskedStore
from cachegraph.console.output import Output
from cachegraph.console.words import ALSO, AnyQuestion, given_by
from cachegraph.environment import default_store
from cachegraph.questions import QUESTIONS, fields, question_class

MORE = {"affected": "affecting", "prune": "pruning", "want": "wanting"}
"""The questions whose commands do more than to ask: the modules of those commands."""
COMPLETE = "_CACHEGRAPH_COMPLETE"
"""The variable by which a shell asks for completions."""


def answered(words: Sequence[str]) -> int | None:
    """The exit status of a question that is answered and printed; None if Click must read it."""
    if not words or words[0] not in QUESTIONS or words[0] in MORE or COMPLETE in os.environ:
        return None
    if os.name == "nt":  # there Click also expands patterns, which elsewhere a shell does
        return None
    question = question_class(words[0])
    given = given_by(question, words[1:])
    if given is None:
        return None
    with AskedStore(given.pop("store") or default_store()) as graph:
        return answer(question, given, graph, Output(given, question.main_section))


def answer(
    question: type[AnyQuestion],
    given: dict[str, Any],
    graph: AskedStore,
    output: Output,
    then: Callable[[Any], None] = lambda _: None,
) -> int:
    """Asks with what is given by name, prints the answer, and returns the exit status.

    Before it is printed, ``then`` is called with it.
    """
    exit_code = given.pop("exit_code", False)
    for name in [name for name in given if name.endswith(ALSO)]:
        given[name.removesuffix(ALSO)] += given.pop(name)
    if "for_table" in fields(question):
        given["for_table"] = output.form != "json"
    asked = question(**given)
    found = graph.ask(asked, lazily=True)
    then(found)
    output.show(found, asked.tables, asked.markdown, asked.text(found))
    return int(bool(exit_code or given.get("fail_on")) and asked.found(found))
