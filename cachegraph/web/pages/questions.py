"""A page for each question with a form, made from its class as its command is."""

from collections.abc import Mapping, Sequence
from functools import partial
from inspect import cleandoc
from typing import TYPE_CHECKING, Any, NamedTuple

from cachegraph.errors import UsageError
from cachegraph.questions import QUESTIONS, Question, fields, question_class
from cachegraph.questions.parameters import Argument, Option
from cachegraph.web.addresses import (
    QUESTIONS_PAGE,
    overlap_address,
    question_address,
    spec_address,
    stack_address,
    why_address,
    with_parameters,
)
from cachegraph.web.links import Part
from cachegraph.web.page import Page, Section, View, tables_section

if TYPE_CHECKING:
    from cachegraph.web.asking import Asked

NAMES = [name for name in QUESTIONS if name not in ("show", "stats", "releases", "stacks")]
"""The questions that have a page of their own; the others are what other pages show."""


class Field(NamedTuple):
    """A parameter in a form: a text, a choice, or a flag."""

    name: str
    label: str
    value: str
    help: str
    choices: Sequence[str] = ()
    is_flag: bool = False
    is_needed: bool = False


def questions(view: View) -> Page:
    """A list of the questions."""
    data = [(name, question_address(name), _summary(question_class(name))) for name in NAMES]
    return Page(
        QUESTIONS_PAGE,
        "Questions",
        [lambda: Section("questions", "", template="questions.html", data=data)],
        lambda: {"questions": {name: summary for name, _, summary in data}},
    )


def _summary(question: type[Question[Any, Any]]) -> str:
    """The first line of the help of a question."""
    return cleandoc(question.__doc__ or "").partition("\n")[0].rstrip(".")


def ask_page(view: View, name: str) -> Page:
    """The form of a question, and its answer once it has all that it needs."""
    question = question_class(name)
    form = [*_form(view, question)]
    missing = [field.name for field in form if field.is_needed and not field.value]
    if name == "overlap" and not _names_stacks(view):
        missing.append("stacks")
    ask = partial(view.asker.ask, name, **parameters_of(view, question))
    path = question_address(name)
    sections = [] if missing else [partial(_answer, view, ask, name, path)]
    return Page(
        path,
        _summary(question),
        sections,
        partial(_document, ask, missing),
        "question.html",
        about={"form": form, "path": path, "name": name, "text": _text(question)},
        crumbs=[Part("questions", QUESTIONS_PAGE)],
    )


def _document(ask: Any, missing: Sequence[str]) -> Mapping[str, Any]:
    """The answer; UsageError if parameters are missing."""
    if missing:
        raise UsageError(f"parameters are missing: {', '.join(missing)}")
    answer: Mapping[str, Any] = ask().answer
    return answer


def _names_stacks(view: View) -> bool:
    """Whether so many stacks are named that they can be compared."""
    return len(_words(view, "stacks")) > 1 or bool(view.all("release"))


def _text(question: type[Question[Any, Any]]) -> str:
    """The help of a question without its first line and its examples, as paragraphs."""
    text = cleandoc(question.__doc__ or "").partition("\nExamples:\n")[0]
    return text.partition("\n")[2].replace("\b", "").strip()


def _form(view: View, question: type[Question[Any, Any]]) -> Sequence[Field]:
    found = []
    for name, hint in fields(question).items():
        described = next((m for m in getattr(hint, "__metadata__", ()) if m), None)
        if described is None:
            continue
        default = getattr(question, name, None)
        is_argument = isinstance(described, Argument)
        found.append(
            Field(
                name,
                name.replace("_", " "),
                " ".join(view.all(name)),
                _help(described),
                () if is_argument else described.choices,
                is_flag=default is False,
                is_needed=is_argument and not hasattr(question, name),
            )
        )
    return found


def _help(described: Argument | Option) -> str:
    """What a parameter is: the help of its option, else what an argument is called."""
    option = described.option if isinstance(described, Argument) else described
    return option.help if option is not None else described.metavar or ""


def _is_many(default: Any, hint: Any) -> bool:
    return isinstance(default, tuple) or "Sequence" in str(hint.__origin__)


def parameters_of(view: View, question: type[Question[Any, Any]]) -> dict[str, Any]:
    """The parameters of a question that a page is given, with the types that it takes."""
    found: dict[str, Any] = {}
    for name, hint in fields(question).items():
        if not view.all(name) or not getattr(hint, "__metadata__", ()):
            continue
        default = getattr(question, name, None)
        if default is False:
            found[name] = view.flag(name)
        elif _is_many(default, hint):
            found[name] = tuple(_words(view, name))
        elif isinstance(default, int):
            found[name] = view.number(name, default, 1000)
        else:
            found[name] = view.one(name)
    return found


def _words(view: View, name: str) -> list[str]:
    """The values of a parameter, of which a form sends several in one; pins have blanks."""
    if name in ("pins",):
        return view.all(name)
    return [word for value in view.all(name) for word in value.split()]


def _answer(view: View, ask: Any, name: str, path: str) -> Section:
    asked: Asked = ask()
    section = tables_section(view, asked, path, "answer")
    return section._replace(text=" ".join(filter(None, (scope_text(asked.answer), section.text))))


def scope_text(answer: Mapping[str, Any]) -> str:
    """What an answer was asked of, as a sentence."""
    scope = answer.get("scope", {})
    text = "" if scope.get("everything") else str(scope.get("text", ""))
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def overlap(view: View, *keys: str) -> Page:
    """What two stacks share, at an address without parameters."""
    ask = partial(view.asker.ask, "overlap", stacks=tuple(keys))
    path = overlap_address(*keys)
    return Page(
        path,
        " and ".join(keys),
        [partial(_answer, view, ask, "overlap", path)],
        lambda: ask().answer,
        crumbs=[Part(key, stack_address(key)) for key in keys],
    )


def why(view: View, left: str, right: str) -> Page:
    """Why two specs have different hashes."""
    asked = view.asker.ask("why", left=f"/{left}", right=f"/{right}")
    hashes = [asked.answer[side]["hash"] for side in ("left", "right")]
    path = why_address(*hashes)
    return Page(
        path,
        f"Why /{hashes[0][:7]} is not /{hashes[1][:7]}",
        [lambda: tables_section(view, asked, path, "answer")],
        lambda: asked.answer,
        crumbs=[Part(f"/{hash_[:7]}", spec_address(hash_)) for hash_ in hashes],
    )


def what_if(view: View) -> Page:
    """Pins to tick, and what those that are ticked save together."""
    chosen = view.all("pins")
    narrowed = parameters_of(view, question_class("what-if"))
    narrowed.pop("pins", None)
    narrowed.pop("best", None)
    path = question_address("what-if")
    sections = [partial(_saved, view, chosen, narrowed)] if chosen else []
    sections.append(partial(_pins, view, chosen, narrowed, path))
    parameters = {"pins": tuple(chosen)} if chosen else {"best": _BEST}
    return Page(
        path,
        "What pins would save",
        sections,
        lambda: view.asker.ask("what-if", **parameters, **narrowed).answer,
        about={},
    )


_BEST = 10


def _saved(view: View, chosen: Sequence[str], narrowed: Mapping[str, Any]) -> Section:
    """What the chosen pins save."""
    asked = view.asker.ask("what-if", pins=tuple(chosen), **narrowed)
    tables = view.tables(asked, with_parameters("/what-if/", {"pins": chosen}))
    answer = asked.answer
    text = (
        f"Of {answer['builds']:,} builds these pins save at most {answer['saved']:,}: "
        f"{answer['after']:,} are left."
    )
    return Section("saved", "With the chosen pins", tables, text)


def _pins(view: View, chosen: Sequence[str], narrowed: Mapping[str, Any], path: str) -> Section:
    """The pins that save most, to tick; those that are chosen already, too."""
    asked = view.asker.ask("what-if", best=_BEST, **narrowed)
    steps = asked.answer["steps"]
    found = {step["pin"]: step["saved"] for step in steps}
    rows = [(pin, saved, pin in chosen) for pin, saved in found.items()]
    rows += [(pin, None, True) for pin in chosen if pin not in found]
    kept = [(name, value) for name in ("stacks", "release") for value in view.all(name)]
    kept += [(name, "1") for name in ("all_releases", "ignore_runtime") if view.flag(name)]
    data = {"rows": rows, "path": path, "kept": kept, "builds": asked.answer["builds"]}
    text = f"{scope_text(asked.answer)} {asked.answer['builds']:,} builds."
    more = " What a pin saves is counted with those above it ticked."
    text += more if len(found) > 1 else "" if rows else " No pin would save one."
    return Section("pins", "Pins that save most", text=text, template="pins.html", data=data)
