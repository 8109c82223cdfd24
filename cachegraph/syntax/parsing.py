"""Parses Spack's spec syntax; errors name the character where a text is wrong or unsupported."""

import re
from collections.abc import Callable
from typing import Any, NoReturn

from cachegraph.errors import UsageError
from cachegraph.model.spec import DEPTYPES, FLAGS
from cachegraph.syntax.pattern import (
    ANY,
    ON_OFF,
    RESERVED,
    DependencyPattern,
    Flag,
    Pattern,
    Target,
    Variant,
)
from cachegraph.syntax.versions import Versions

_WORD = r"[A-Za-z0-9_][A-Za-z0-9_-]*"
_NAME = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"
_VERSION = r"=?[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?"
_RANGE = rf"(?:{_VERSION})?:(?:{_VERSION}(?![A-Za-z0-9_.-]|:?=))?"
_REFERENCE = (
    rf"=?(?:git\.[A-Za-z0-9_./-]+|[A-Fa-f0-9]{{40}}(?![A-Za-z0-9_]))(?:=(?:{_RANGE}|{_VERSION}))?"
)
_CHOICE = rf"(?:{_REFERENCE}|{_RANGE}|{_VERSION})"
_CLASS = r"\[!?[A-Za-z0-9_-]+\]"
# As in Spack, *-mpi and *mpi=x are * with a variant; *-mpi* is a pattern of names.
_STAR = rf"\*(?=--?\s*[A-Za-z0-9_][A-Za-z0-9_.-]*+(?![*?\[])|{_NAME}:?=)"
_NAME_OR_PATTERN = (
    rf"{_STAR}|(?:{_WORD}\.)*(?:[A-Za-z0-9_*?]|{_CLASS})(?:[A-Za-z0-9_*?-]|{_CLASS})*"
)


def _matcher(pattern: str) -> Callable[[str, int], re.Match[str] | None]:
    return re.compile(pattern).match


_file = _matcher(r"[^\s@%^=]+\.(?:json|yaml)(?=\s|$)")
_key = _matcher(rf"({_NAME})(:?==?)")
_name = _matcher(_NAME_OR_PATTERN)
_versions = _matcher(rf"\s*({_CHOICE}(?:\s*,\s*{_CHOICE})*)")
_switch = _matcher(rf"(\+\+|~~|--|[+~-])\s*({_NAME})")
_value = _matcher(r"[A-Za-z0-9_\-+*.,:=%^~/\\]+")
_quoted = _matcher(r"""(["'])((?:\\.|(?!\1)[^\\])*)\1""")
_hash = _matcher(r"/([A-Za-z0-9_]+)")
_dependency = _matcher(r"(%%|%|\^)\s*(\[?)")
_provides = _matcher(rf"\s*({_WORD}(?:,{_WORD})*)=(?={_WORD})")

_ATTRIBUTES = ("deptypes", "virtuals")
_ARCH = ("platform", "os", "target")


def parse(text: str) -> Pattern:
    """The pattern of a text in Spack's spec syntax.

    UsageError names the place where the text is wrong or not supported.
    """
    return _Parser(text).spec()


class _Parser:
    """Reads a text from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def spec(self) -> Pattern:
        """A spec with its dependencies, to the end of the text."""
        root = self.node()
        direct: list[DependencyPattern] = []
        below: list[tuple[DependencyPattern, list[DependencyPattern]]] = []
        while (sign := self.take(_dependency)) is not None:
            dependency = self.dependency(sign)
            if sign[1] == "^":
                below.append((dependency, []))
            else:
                (below[-1][1] if below else direct).append(dependency)
        if self.at < len(self.text):
            self.unexpected()
        if not self.text.strip():
            self.fail("a spec is empty", "give a name, or conditions, as in +cuda target=zen3")
        dependencies = [
            d._replace(pattern=d.pattern._replace(direct=tuple(own))) for d, own in below
        ]
        return root._replace(text=self.text, direct=tuple(direct), dependencies=tuple(dependencies))

    def dependency(self, sign: re.Match[str]) -> DependencyPattern:
        """The dependency after % or ^."""
        if sign[1] == "%%":
            self.fail("%% (a compiler for all dependencies) is not supported", "write %", sign)
        attributes = self.attributes() if sign[2] else {}
        virtuals = attributes.get("virtuals", ())
        if (provides := self.take(_provides)) is not None:
            virtuals = (*virtuals, *provides[1].split(","))
        start = self.at
        pattern = self.node()
        if self.at == start:
            self.fail(f"after {sign[1]} a name or a condition was expected")
        pattern = pattern._replace(text=self.text[start : self.at].strip())
        return DependencyPattern(pattern, virtuals, attributes.get("deptypes", ()))

    def attributes(self) -> dict[str, tuple[str, ...]]:
        """The attributes of a dependency, in brackets."""
        attributes: dict[str, tuple[str, ...]] = {}
        while (key := self.take(_key)) is not None:
            name = key[1]
            if name == "when":
                self.fail("when= (a condition) is not supported", "ask without it", key)
            if name not in _ATTRIBUTES:
                self.fail(f"{name}= is not supported in brackets", "use virtuals, deptypes", key)
            if key[2].endswith("=="):
                self.fail(f"{name}== is not supported", f"write {name}=", key)
            values = tuple(re.split(r"\s*,\s*", self.value(key)))
            unknown = {*values} - {*DEPTYPES}
            if name == "deptypes" and unknown:
                self.fail(f"no deptype {min(unknown)}", f"use {', '.join(DEPTYPES)}", key)
            attributes[name] = values
        if self.text[self.at : self.at + 1] != "]":
            self.unexpected("virtuals=, deptypes= or ]")
        self.at += 1
        return attributes

    def node(self) -> Pattern:
        """A spec without its dependencies."""
        self.skip_blanks()
        if (file := _file(self.text, self.at)) is not None:
            self.fail(f"a spec from a file, {file[0]}, is not supported", "give /HASH", file)
        fields: dict[str, Any] = {}
        if _key(self.text, self.at) is None and (name := self.take(_name)) is not None:
            namespace, _, package = name[0].rpartition(".")
            name_or_any = None if package == ANY else package
            fields = {"name": name_or_any, "namespace": namespace or None}
        while self.condition(fields):
            pass
        variants, flags = tuple(fields.pop("variants", ())), tuple(fields.pop("flags", ()))
        return Pattern(variants=variants, flags=flags)._replace(**fields)

    def condition(self, fields: dict[str, Any]) -> bool:
        """Reads the next condition; False if there is none."""
        self.skip_blanks()
        if self.text.startswith("@", self.at):
            at = self.at
            self.set_once(fields, "versions", self.versions(), "a second version", at)
        elif (switch := self.take(_switch)) is not None:
            on = switch[1][0] == "+"
            self.variant(fields, Variant(switch[2], on, propagated=len(switch[1]) > 1), switch)
        elif (key := self.take(_key)) is not None:
            self.key_value(fields, key)
        elif (prefix := self.take(_hash)) is not None:
            self.set_once(fields, "hash", prefix[1].lower(), "a second hash", prefix.start())
        else:
            return False
        return True

    def versions(self) -> Versions:
        match = _versions(self.text, self.at + 1)
        if match is None:
            self.at += 1
            self.unexpected("a version")
        try:
            versions = Versions.of(match[1])
        except ValueError as error:
            hint = "write versions as 1.2, =1.2.3, 1.2:1.4, git.REF=1.2"
            self.fail(str(error), hint, self.at)
        self.at = match.end()
        if self.text.startswith("=", self.at):
            self.fail("a version has = only before it, or after git.REF", None, self.at)
        if self.text.startswith(ANY, self.at):
            self.fail("a version has no *", f"{match[1]} is all that begin with it", self.at)
        return versions

    def key_value(self, fields: dict[str, Any], key: re.Match[str]) -> None:
        """Reads the value after name= and adds it to the fields."""
        name, sign = key[1], key[2]
        self.refuse(key)
        value = self.value(key)
        if name in FLAGS:
            if value == ANY:
                self.fail(f"{name}=* is not supported", "name the flags", key)
            fields.setdefault("flags", []).append(Flag(name, tuple(value.split())))
        elif name in ("arch", "architecture"):
            self.architecture(fields, value, key)
        elif name in (*_ARCH, "operating_system"):
            name = "os" if name == "operating_system" else name
            self.platform_os_target(fields, name, value, key)
        elif name == "namespace":
            if value == ANY:
                self.fail("namespace=* is not supported", "leave it out", key)
            self.set_once(fields, "namespace", value, "a second namespace", key.start())
        else:
            exact, propagated = sign.startswith(":"), sign.endswith("==")
            values = tuple(part.strip() for part in value.split(","))
            if ANY in values and (exact or len(values) > 1):
                self.fail(f"{key[0]}{value}: * must stand alone after =", None, key)
            on_or_values = ON_OFF.get(value.lower(), values)
            self.variant(fields, Variant(name, on_or_values, exact, propagated), key)

    def refuse(self, key: re.Match[str]) -> None:
        """UsageError for attributes of dependencies, and for what dependencies cannot inherit."""
        name = key[1]
        if name == "when":
            self.fail("when= (a condition) is not supported", "ask without it", key)
        if name in _ATTRIBUTES:
            hint = f"write ^[{name}=...] NAME"
            self.fail(f"{name}= is not supported outside of brackets", hint, key)
        if key[2].endswith("==") and name in RESERVED:
            self.fail(f"{name}== (for all dependencies) is not supported", f"write {name}=", key)

    def architecture(self, fields: dict[str, Any], value: str, key: re.Match[str]) -> None:
        """Adds platform, os and target from platform-os-target; a part may be None, or * for any.

        ``*`` alone is any target, as in Spack.
        """
        parts = [None, None, value] if value == ANY else value.split("-")
        if len(parts) != len(_ARCH) or "" in parts:
            self.fail(f"{value} is not platform-os-target", "as in linux-ubuntu22.04-zen3", key)
        for name, part in zip(_ARCH, parts, strict=True):
            if part not in (None, "None"):
                self.platform_os_target(fields, name, part, key)

    def platform_os_target(
        self, fields: dict[str, Any], name: str, value: str, key: re.Match[str]
    ) -> None:
        if value in ("fe", "be", "frontend", "backend", f"default_{name}"):
            what = f"{name}={value} differs between machines, which is not supported"
            self.fail(what, f"give the name of the {name}", key)
        if name != "target":
            self.set_once(fields, name, value, f"a second {name}", key.start())
            return
        if ":" in value:
            from cachegraph.model.target import is_target

            for target in re.split("[:,]", value):
                if target and not is_target(target):
                    self.fail(f"unknown target {target} in a range", None, key)
        self.set_once(fields, name, Target(value), f"a second {name}", key.start())

    def variant(self, fields: dict[str, Any], variant: Variant, match: re.Match[str]) -> None:
        """Adds a variant; a second one of the same name is an error."""
        variants = fields.setdefault("variants", [])
        if any(variant.name == other.name for other in variants):
            self.fail(f"a second value of variant {variant.name}", None, match)
        variants.append(variant)

    def set_once(self, fields: dict[str, Any], name: str, value: Any, what: str, at: int) -> None:
        """Sets a field; a second value is an error."""
        if fields.get(name) is not None:
            self.fail(what, "ask for one; for dependencies write ^ or % before it", at)
        fields[name] = value

    def value(self, key: re.Match[str]) -> str:
        """The value after name=, without its quotes."""
        if (quoted := _quoted(self.text, self.at)) is not None:
            self.at = quoted.end()
            return re.sub(rf"\\({quoted[1]})", r"\1", quoted[2])
        match = _value(self.text, self.at)
        if match is None:
            self.unexpected(f"a value of {key[1]}")
        for sign in "%^":
            if sign in match[0]:
                hint = f"a value ends at a blank: write one before {sign}, or quote the value"
                self.fail(f"{key[0]}{match[0]} has a {sign} in its value", hint, key)
        self.at = match.end()
        return match[0]

    def skip_blanks(self) -> None:
        while self.text[self.at : self.at + 1].isspace():
            self.at += 1

    def take(self, matcher: Callable[[str, int], re.Match[str] | None]) -> re.Match[str] | None:
        """Skips blanks and reads what matches next; None if nothing does."""
        self.skip_blanks()
        match = matcher(self.text, self.at)
        self.at = match.end() if match else self.at
        return match

    def unexpected(self, expected: str | None = None) -> NoReturn:
        """UsageError for the text that comes next."""
        self.skip_blanks()
        name = _name(self.text, self.at)
        rest = self.text[self.at :]
        if expected:
            self.fail(f"{expected} was expected, found {rest or 'nothing'}")
        if name is not None:
            self.fail(f"one spec was expected, found a second: {rest}", "ask for one at a time")
        self.fail(f"{rest} was not expected", "write a spec as in hdf5@1.14 +mpi %gcc@12 ^zlib-ng")

    def fail(
        self, what: str, hint: str | None = None, at: "re.Match[str] | int | None" = None
    ) -> NoReturn:
        """UsageError with the place, its characters counted from 1."""
        place = self.at if at is None else at if isinstance(at, int) else at.start()
        raise UsageError(f"spec {self.text!r}, character {place + 1}: {what}", hint)
