"""From text to a pattern. What is wrong, and what is not supported, is said with its place."""

import re
from collections.abc import Callable
from typing import Any, NoReturn

from cachegraph.errors import UsageError
from cachegraph.model.spec import DEPTYPES, FLAGS
from cachegraph.syntax.pattern import ANY, Flag, Needs, Pattern, Target, Variant, truth
from cachegraph.syntax.versions import Versions

_WORD = r"[A-Za-z0-9_][A-Za-z0-9_-]*"
_NAME = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"
_VERSION = r"=?[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?"
_RANGE = rf"(?:{_VERSION})?:(?:{_VERSION}(?![A-Za-z0-9_.-]|:?=))?"
_REFERENCE = (
    rf"=?(?:git\.[A-Za-z0-9_./-]+|[A-Fa-f0-9]{{40}}(?![A-Za-z0-9_]))(?:=(?:{_RANGE}|{_VERSION}))?"
)
_CHOICE = rf"(?:{_REFERENCE}|{_RANGE}|{_VERSION})"


def _matcher(pattern: str) -> Callable[[str, int], re.Match[str] | None]:
    return re.compile(pattern).match


_blank = _matcher(r"\s*")
_file = _matcher(r"[^\s@%^=]+\.(?:json|yaml)(?=\s|$)")
_key = _matcher(rf"({_NAME})(:?==?)")
_name = _matcher(rf"\*|(?:{_WORD}\.)*{_WORD}")
_versions = _matcher(rf"\s*({_CHOICE}(?:\s*,\s*{_CHOICE})*)")
_switch = _matcher(rf"(\+\+|~~|--|[+~-])\s*({_NAME})")
_value = _matcher(r"[A-Za-z0-9_\-+*.,:=%^~/\\]+")
_quoted = _matcher(r"""(["'])((?:\\.|(?!\1)[^\\])*)\1""")
_hash = _matcher(r"/([A-Za-z0-9_]+)")
_dependency = _matcher(r"(%%|%|\^)\s*(\[?)")
_provides = _matcher(rf"\s*({_WORD}(?:,{_WORD})*)=(?={_WORD})")


def parse(text: str) -> Pattern:
    """The pattern that a text in Spack's spec syntax stands for.

    UsageError says where it is wrong, or what of it is not supported.
    """
    return _Parser(text).spec()


class _Parser:
    """Reads a text from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def spec(self) -> Pattern:
        """One spec with all that it needs."""
        root = self.node()
        direct: list[Needs] = []
        below: list[tuple[Needs, list[Needs]]] = []
        while (sign := self.take(_dependency)) is not None:
            needs = self.needs(sign)
            if sign[1] == "^":
                below.append((needs, []))
            else:
                (below[-1][1] if below else direct).append(needs)
        if self.at < len(self.text):
            self.unexpected()
        if not self.text.strip():
            self.fail(
                "a spec is empty", "give a name, or what is asked for, as in +cuda target=zen3"
            )
        dependencies = [
            needs._replace(pattern=needs.pattern._replace(direct=tuple(own)))
            for needs, own in below
        ]
        return root._replace(text=self.text, direct=tuple(direct), dependencies=tuple(dependencies))

    def needs(self, sign: re.Match[str]) -> Needs:
        """What comes after % or ^."""
        if sign[1] == "%%":
            self.fail("%% (a compiler for all dependencies) is not supported", "write %", sign)
        said = self.edge() if sign[2] else {}
        virtuals = said.get("virtuals", ())
        if (provides := self.take(_provides)) is not None:
            virtuals = (*virtuals, *provides[1].split(","))
        start = self.at
        pattern = self.node()
        if self.at == start:
            self.fail(f"after {sign[1]} a name, or what is asked for, was expected")
        pattern = pattern._replace(text=self.text[start : self.at].strip())
        return Needs(pattern, virtuals, said.get("deptypes", ()))

    def edge(self) -> dict[str, tuple[str, ...]]:
        """What stands in brackets."""
        said: dict[str, tuple[str, ...]] = {}
        while (key := self.take(_key)) is not None:
            name = key[1]
            if name == "when":
                self.fail("when= (a condition) is not supported", "ask without it", key)
            if name not in ("deptypes", "virtuals"):
                self.fail(f"{name}= is not supported in brackets", "use virtuals, deptypes", key)
            values = tuple(re.split(r"\s*,\s*", self.value(key)))
            unknown = {*values} - {*DEPTYPES}
            if name == "deptypes" and unknown:
                self.fail(f"no deptype {min(unknown)}", f"use {', '.join(DEPTYPES)}", key)
            said[name] = values
        if self.text[self.at : self.at + 1] != "]":
            self.unexpected("virtuals=, deptypes= or ]")
        self.at += 1
        return said

    def node(self) -> Pattern:
        """One spec without what it needs."""
        self.skip()
        if (file := _file(self.text, self.at)) is not None:
            self.fail(f"a spec from a file, {file[0]}, is not supported", "give /HASH", file)
        said: dict[str, Any] = {}
        if _key(self.text, self.at) is None and (name := self.take(_name)) is not None:
            namespace, _, bare = name[0].rpartition(".")
            if bare != ANY:
                said = {"name": bare, "namespace": namespace or None}
        while self.part(said):
            pass
        variants, flags = tuple(said.pop("variants", ())), tuple(said.pop("flags", ()))
        return Pattern(variants=variants, flags=flags)._replace(**said)

    def part(self, said: dict[str, Any]) -> bool:
        """Reads one more thing that is asked for, if there is any."""
        self.skip()
        if self.text.startswith("@", self.at):
            at = self.at
            self.once(said, "versions", self.versions(), "a second version", at)
        elif (switch := self.take(_switch)) is not None:
            on = switch[1][0] == "+"
            self.variant(said, Variant(switch[2], on, propagated=len(switch[1]) > 1), switch)
        elif (key := self.take(_key)) is not None:
            self.pair(said, key)
        elif (prefix := self.take(_hash)) is not None:
            self.once(said, "hash", prefix[1].lower(), "a second hash", prefix.start())
        else:
            return False
        return True

    def versions(self) -> Versions:
        """What comes after @."""
        found = _versions(self.text, self.at + 1)
        if found is None:
            self.at += 1
            self.unexpected("a version")
        try:
            versions = Versions.of(found[1])
        except ValueError as error:
            hint = "versions are as 1.2, =1.2.3, 1.2:1.4, git.REF=1.2"
            self.fail(str(error), hint, self.at)
        self.at = found.end()
        if self.text.startswith("=", self.at):
            self.fail("a version has = only before it, or after git.REF", None, self.at)
        return versions

    def pair(self, said: dict[str, Any], key: re.Match[str]) -> None:
        """Reads what comes after name=."""
        name, sign = key[1], key[2]
        value = self.value(key)
        if name in FLAGS:
            if value == ANY:
                self.fail(f"{name}=* is not supported", "name the flags", key)
            said.setdefault("flags", []).append(Flag(name, tuple(value.split())))
        elif name in ("arch", "architecture"):
            self.architecture(said, value, key)
        elif name in ("platform", "os", "operating_system", "target"):
            self.place(said, "os" if name == "operating_system" else name, value, key)
        elif name == "namespace":
            self.once(said, "namespace", value, "a second namespace", key.start())
        else:
            exact, propagated = sign.startswith(":"), sign.endswith("==")
            values = tuple(part.strip() for part in value.split(","))
            if ANY in values and (exact or len(values) > 1):
                self.fail(f"{key[0]}{value}: * is any value, with = and by itself", None, key)
            on = truth(value)
            self.variant(said, Variant(name, values if on is None else on, exact, propagated), key)

    def architecture(self, said: dict[str, Any], value: str, key: re.Match[str]) -> None:
        """Reads platform-os-target, of which a part may be None."""
        parts = value.split("-", 2)
        if len(parts) != len(("platform", "os", "target")):
            self.fail(f"{value} is not platform-os-target", "as in linux-ubuntu22.04-zen3", key)
        for name, part in zip(("platform", "os", "target"), parts, strict=True):
            if part != "None":
                self.place(said, name, part, key)

    def place(self, said: dict[str, Any], name: str, value: str, key: re.Match[str]) -> None:
        """Takes one of platform, os and target."""
        if value in ("fe", "be", "frontend", "backend", f"default_{name}"):
            what = f"{name}={value} is another on each machine, which is not supported"
            self.fail(what, f"give the name of the {name}", key)
        if name != "target":
            self.once(said, name, value, f"a second {name}", key.start())
            return
        if ":" in value:
            from cachegraph.model.target import is_target

            for one in re.split("[:,]", value):
                if one and not is_target(one):
                    self.fail(f"no target {one}, of which a range could be made", None, key)
        self.once(said, name, Target(value), f"a second {name}", key.start())

    def variant(self, said: dict[str, Any], variant: Variant, found: re.Match[str]) -> None:
        """Takes a variant, each but once."""
        variants = said.setdefault("variants", [])
        if any(variant.name == other.name for other in variants):
            self.fail(f"the variant {variant.name} a second time", None, found)
        variants.append(variant)

    def once(self, said: dict[str, Any], name: str, value: Any, what: str, at: int) -> None:
        """Takes what may be said but once."""
        if said.get(name) is not None:
            self.fail(what, "ask for one; for dependencies write ^ or % before it", at)
        said[name] = value

    def value(self, key: re.Match[str]) -> str:
        """The value after name=, without its quotes."""
        if (quoted := _quoted(self.text, self.at)) is not None:
            self.at = quoted.end()
            return re.sub(rf"\\({quoted[1]})", r"\1", quoted[2])
        bare = _value(self.text, self.at)
        if bare is None:
            self.unexpected(f"a value of {key[1]}")
        for sign in "%^":
            if sign in bare[0]:
                hint = f"a value goes on to the next blank: write one before {sign}, or quote it"
                self.fail(f"{key[0]}{bare[0]} has a {sign} in its value", hint, key)
        self.at = bare.end()
        return bare[0]

    def skip(self) -> None:
        """Goes on to what is no blank."""
        blank = _blank(self.text, self.at)
        self.at = blank.end() if blank else self.at

    def take(self, matcher: Callable[[str, int], re.Match[str] | None]) -> re.Match[str] | None:
        """What is next, if it is that, after blanks."""
        self.skip()
        found = matcher(self.text, self.at)
        self.at = found.end() if found else self.at
        return found

    def unexpected(self, wanted: str | None = None) -> NoReturn:
        """Says that what comes next is not what may."""
        self.skip()
        name = _name(self.text, self.at)
        rest = self.text[self.at :]
        if wanted:
            self.fail(f"{wanted} was expected, found {rest or 'nothing'}")
        if name is not None:
            self.fail(f"one spec was expected, found a second: {rest}", "ask for one at a time")
        self.fail(f"{rest} was not expected", "a spec is as in hdf5@1.14 +mpi %gcc@12 ^zlib-ng")

    def fail(
        self, what: str, hint: str | None = None, at: "re.Match[str] | int | None" = None
    ) -> NoReturn:
        """UsageError with the place, counted from 1."""
        place = self.at if at is None else at if isinstance(at, int) else at.start()
        raise UsageError(f"spec {self.text!r}, character {place + 1}: {what}", hint)
