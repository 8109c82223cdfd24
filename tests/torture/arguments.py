"""Nasty arguments to every command and every method: an answer, or an error of ours.

``python -m tests.torture.arguments --seed 1 --seconds 3600`` prints what it tried and what failed.
"""

import inspect
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
from click.testing import CliRunner

import cachegraph
from cachegraph.cli import cli
from cachegraph.question_methods import QuestionMethods
from tests.support.sample import PAGES
from tests.torture import parser

TEXTS = (
    *("", " ", "\0", "\x1b[31m", "\udcff", "\ud800", "\u202e", "\n", "\t", "a\nb", "x" * 100_000),
    *(
        "/",
        "//",
        "/a",
        "/" + "a" * 32,
        "/" + "z" * 500,
        "*",
        "**",
        "*/*",
        "[",
        "a[b",
        "?",
        "..",
        "~",
        "-",
    ),
    *(
        "@",
        "@:",
        "@1:2",
        "@1:",
        "%",
        "^",
        "+",
        "~x",
        "x=",
        "=x",
        "x==y",
        "x=*",
        "%gcc",
        "^zlib",
        "^^",
        "%%",
    ),
    *(
        "zlib",
        "py-mpi4py",
        "e4s",
        "develop/e4s",
        "develop",
        "e4s/",
        "/develop",
        "os=*",
        "target=x86_64:",
    ),
    *(
        "^[virtuals=c] gcc",
        "[",
        "]",
        "x" + "^y" * 2000,
        "%" * 3000,
        "(" * 2000,
        "1" * 5000,
        "1e999",
    ),
    *(
        "'",
        '"',
        "`",
        "\\",
        "$(x)",
        "${x}",
        "{",
        "}",
        "{{}}",
        "../../etc/passwd",
        "file:///",
        "s3://",
        "http://[",
    ),
    *(
        "=1+1",
        "\uff10",
        "\u0660",
        "K\u0308",
        "\U0001f600",
        "gcc@11:12",
        "@" + "1." * 3000,
        "x=" + "," * 3000,
    ),
)
VALUES: tuple[Any, ...] = (None, 0, -1, 10**30, True, 1.5, float("nan"), b"x", [], ["x"], {}, ("",))
NUMBERS = ("0", "-1", "1", "99999999999999999999", "1e3", "nan", "inf", "", "x", "\u0661", "0x10")
_LONGEST = 10_000
WRITING = {"import", "remove", "load", "export", "query", "report", "sbom", "serve", "site"}
"""Commands that write, or do not end."""
_WRITING_OPTIONS = ("--plot", "--keeplist", "--spack-yaml")


class Torture:
    """Asks the graph of the sample until a time is over."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.counts: Counter[str] = Counter()
        self.failures: dict[str, str] = {}
        context = click.Context(cli)
        self.commands = {
            name: cli.get_command(context, name) for name in cli.list_commands(context)
        }
        self.methods = [
            name
            for name, _ in inspect.getmembers(QuestionMethods, inspect.isfunction)
            if not name.startswith("_") and name != "ask"  # which takes a question
        ]

    def run(self, seconds: float, most: int = sys.maxsize) -> None:
        end = time.monotonic() + seconds
        with TemporaryDirectory() as name, chdir(name):
            store = Path(name, "graph.db")
            cachegraph.open(store).import_(PAGES)
            graphs = [cachegraph.open(store), cachegraph.open(":memory:")]
            graphs[1].import_(PAGES)
            while time.monotonic() < end and self.counts.total() < most:
                if self.rng.random() < 0.5:
                    self._try("method", lambda: self._method(self.rng.choice(graphs)))
                else:
                    self._try("command", lambda: self._command(store))

    def _try(self, kind: str, work: Callable[[], None]) -> None:
        self.counts[kind] += 1
        try:
            work()
        except Exception as error:
            frames = traceback.extract_tb(error.__traceback__)
            place = next((f for f in reversed(frames) if "/cachegraph/" in f.filename), frames[-1])
            where = f"{type(error).__name__} {Path(place.filename).name}:{place.lineno}"
            if where not in self.failures:
                self.failures[where] = str(error)[:300]
                print("FAILED", where, ascii(self.failures[where]), self.last[:300], flush=True)

    def _method(self, graph: cachegraph.Graph) -> None:
        name = self.rng.choice(self.methods)
        method = getattr(graph, name)
        positional: list[Any] = []
        named: dict[str, Any] = {}
        for parameter in inspect.signature(method).parameters.values():
            if parameter.kind is parameter.VAR_POSITIONAL:
                positional += [self._text() for _ in range(self.rng.randrange(4))]
            elif parameter.kind is parameter.KEYWORD_ONLY:
                if self.rng.random() < 0.4:
                    named[parameter.name] = self._of_type(str(parameter.annotation))
            else:
                positional.append(self._of_type(str(parameter.annotation)))
        self.last = ascii((name, positional, named))
        try:
            method(*positional, **named)
        except cachegraph.CacheGraphError as error:
            if len(error.message) > _LONGEST:
                raise AssertionError(f"a message of {len(error.message)} characters") from None

    def _text(self) -> str:
        text = self.rng.choice(TEXTS)
        return text + self.rng.choice(TEXTS) if self.rng.random() < 0.2 else text

    def _of_type(self, annotation: str) -> Any:
        """A value of the type that a method asks for."""
        if "Sequence" in annotation or "tuple" in annotation:
            return [self._text() for _ in range(self.rng.randrange(3))]
        if "int" in annotation:
            return self.rng.choice((0, -1, 1, 10**30))
        if "bool" in annotation:
            return self.rng.choice((True, False))
        return self._text()

    def _words(self, command: click.Command) -> list[str]:
        """Random arguments and options of a command."""
        words = []
        for parameter in command.params:
            if isinstance(parameter, click.Argument):
                words += [self._text() for _ in range(self.rng.randrange(3))]
            elif parameter.opts[0] in _WRITING_OPTIONS:
                pass
            elif self.rng.random() < 0.2 and isinstance(parameter, click.Option):
                words.append(parameter.opts[0])
                if not parameter.is_flag and parameter.flag_value is None:
                    words.append(
                        self.rng.choice(NUMBERS) if self.rng.random() < 0.3 else self._text()
                    )
        return words

    def _command(self, store: Path) -> None:
        name = self.rng.choice([*self.commands])
        command = self.commands[name]
        assert command is not None
        words = [name, *self._words(command)]
        # Nothing is written where the test would not look for it.
        if name not in WRITING or "--help" in words:
            words += ["--store", str(store)]
        elif name == "import":
            words += ["--store", ":memory:"]
        else:
            words.insert(1, "--help")  # at the end it might be the value of an option
        words = [*map(_as_on_a_command_line, words)]
        self.last = ascii(words)
        result = CliRunner().invoke(cli, words)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code in ((0, 1, 2) if "--exit-code" in words else (0, 2)), words
        if result.stderr.startswith("Usage: "):
            return  # printed by Click itself, not by ``main``
        assert result.stderr.replace("\n", "").replace("\t", "").isprintable(), result.stderr[:300]


def _as_on_a_command_line(word: str) -> str:
    """The word without what no argument of a process can have."""
    return word.replace("\0", "").replace("\ud800", "")


def main() -> None:
    arguments = parser(__doc__).parse_args()
    torture = Torture(arguments.seed)
    torture.run(arguments.seconds)
    print(f"seed {arguments.seed}: tried {dict(torture.counts)}, {len(torture.failures)} failures")
    sys.exit(bool(torture.failures))


if __name__ == "__main__":
    main()
