"""The addresses of pages, which are the same on the server and in a site of files."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from urllib.parse import quote, urlencode

from cachegraph.model.stack_key import StackKey

HOME = "/"
PACKAGES = "/packages/"
SEARCH = "/search/"
QUESTIONS_PAGE = "/questions/"
JSON = "index.json"
"""The name of the document beside each page."""
_LONGEST = 150
"""Characters of a name in an address: file systems take 255."""


def segment(name: str) -> str:
    """A name as one part of an address, which is a file name, too; different ones differ.

    What is no letter, digit, ``-``, ``_`` or ``.`` is spelled ``=XX``, as no part of an address
    may hold a slash.
    """
    text = quote(name, safe="", errors="surrogatepass").replace("~", "%7E").replace("%", "=")
    if text.startswith("."):
        text = f"=2E{text[1:]}"
    if not text:
        text = "="
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]}=={sha256(text.encode()).hexdigest()[:16]}"
    return text


def package_address(name: str) -> str:
    """The page of a package."""
    return f"/package/{segment(name)}/"


def spec_address(hash_: str) -> str:
    """The page of a spec."""
    return f"/spec/{segment(hash_)}/"


def release_address(name: str, level: str = "") -> str:
    """The page of a release, perhaps with its stacks compared at a level."""
    return f"/release/{segment(name)}/{f'{level}/' if level else ''}"


def stack_address(key: str, what: str = "") -> str:
    """The page of a stack, or one of those below it."""
    release, name = StackKey.parse(key)
    return f"/stack/{segment(release)}/{segment(name)}/{f'{what}/' if what else ''}"


def overlap_address(left: str, right: str) -> str:
    """The page of what two stacks share."""
    parts = "/".join(segment(part) for key in (left, right) for part in StackKey.parse(key))
    return f"/overlap/{parts}/"


def why_address(left: str, right: str) -> str:
    """The page of why two specs have different hashes."""
    return f"/why/{segment(left)}/{segment(right)}/"


def question_address(name: str, **parameters: Iterable[str] | str) -> str:
    """The page of a question with its parameters."""
    return with_parameters(f"/{name}/", parameters)


def with_parameters(path: str, parameters: Mapping[str, Iterable[str] | str]) -> str:
    """A path with a query of those parameters that are not empty."""
    given = {name: value for name, value in parameters.items() if value}
    text = urlencode(given, doseq=True, errors="surrogatepass")
    return f"{path}?{text}" if text else path
