"""The words of a command line of the usual form, read as Click reads them, but without it.

Any other line is Click's: one that asks for help, has an error, or is written in one of the ways
that only Click knows. ``tests/console`` holds both to the same values.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from cachegraph.console.output import OPTIONS
from cachegraph.questions import Question, fields
from cachegraph.questions.parameters import Argument, Option

AnyQuestion = Question[Any, Any]
Declared = tuple[str, Argument | Option, Any, bool]
"""A parameter: its name, how it is declared, its default, and whether it takes many values."""
ALSO = "_also"
"""The end of the name of an option that adds to an argument."""
_FLAGS = r"((?:c|cpp|cxx|f|ld)flags|ldlibs)(==?)(?![\"'])(.*\s.*)"
_MOST_DIGITS = 9


def given_by(question: type[AnyQuestion], words: Sequence[str]) -> dict[str, Any] | None:
    """The value of each parameter of a command; None if the words are not of the usual form.

    In that form options are written in full, each with its value in the next word, and no value is
    empty or begins with ``-``.
    """
    parameters = [*declared(question), *_of_all_commands(question)]
    options = {
        name: one
        for one in parameters
        if isinstance(one[1], Option)
        for name in names_of(one[0], one[1])
    }
    given = {field: () if many else default for field, _, default, many in parameters}
    values: list[str] = []
    left = iter(words)
    for word in left:
        if _is_value(word):
            values.append(word)
        elif word not in options or not _take(given, options[word], left):
            return None
    return given if _place(given, parameters, values) else None


def declared(question: type[AnyQuestion]) -> Iterator[Declared]:
    """The arguments and options that a question declares; after an argument, what adds to it."""
    for field, hint in fields(question).items():
        described = next((m for m in getattr(hint, "__metadata__", ()) if m), None)
        if described is None:
            continue  # only the library gives it
        default = getattr(question, field, None)
        many = isinstance(default, tuple) or "Sequence" in str(hint.__origin__)
        yield field, described, default, many
        if isinstance(described, Argument) and described.option is not None:
            yield field + ALSO, described.option, (), True


def _of_all_commands(question: type[AnyQuestion]) -> Iterator[Declared]:
    """The options of every question, but those that write files."""
    yield "store", Option("", names=("--store",)), None, False
    if question.exit_code:
        yield "exit_code", Option("", names=("--exit-code",)), False, False
    own = fields(question)
    yield from (one for one in OPTIONS if one[0] not in own)


def names_of(field: str, option: Option) -> Sequence[str]:
    """The names of an option on the command line."""
    return option.names or ["--" + field.replace("_", "-")]


def joined(words: Sequence[str]) -> str:
    """One spec of several words; compiler flags get back the quotes that the shell took."""
    return " ".join(map(_quoted, words))


def _quoted(word: str) -> str:
    if "=" not in word:
        return word
    import re

    flags = re.fullmatch(_FLAGS, word, re.DOTALL)
    return f'{flags[1]}{flags[2]}"{flags[3]}"' if flags else word


def _is_value(word: str) -> bool:
    return word != "" and word[0] != "-"


def _take(given: dict[str, Any], parameter: Declared, words: Iterator[str]) -> bool:
    """Puts the value of an option to what is given; False if the next word is no usual value."""
    field, option, default, many = parameter
    assert isinstance(option, Option)
    value = True if default is False else _value(option, default, next(words, ""))
    given[field] = (*given[field], value) if many else value
    return value is not None


def _value(option: Option, default: Any, word: str) -> str | int | None:
    if not _is_value(word) or (option.choices and word not in option.choices):
        return None
    least, most = option.least, option.most
    if not isinstance(default, int) and least is most is None:
        return word
    if not (word.isascii() and word.isdecimal() and len(word) <= _MOST_DIGITS):
        return None
    is_within = (least is None or least <= int(word)) and (most is None or int(word) <= most)
    return int(word) if is_within else None


def _place(given: dict[str, Any], parameters: Sequence[Declared], values: list[str]) -> bool:
    """Gives the values to the arguments; False unless one takes all of them, or each takes one."""
    arguments = [one for one in parameters if isinstance(one[1], Argument)]
    several = [one for one in arguments if one[3] or one[1].words]
    if not several:
        given.update(zip((field for field, *_ in arguments), values, strict=False))
        return len(arguments) == len(values)
    field, _, _, many = several[0]
    given[field] = (*values,) if many else joined(values)
    return len(arguments) == 1 and (many or bool(values))
