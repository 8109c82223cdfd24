"""Package URLs, which name specs for tools that know nothing of Spack."""

from collections.abc import Mapping
from functools import cache
from typing import Any, NotRequired

from cachegraph.analysis.rows import SpecInStacks

# What a package URL leaves as it is: https://github.com/package-url/purl-spec
_PLAIN = ":"
_NO_URL: Mapping[str, str] = {}


class PurlRow(SpecInStacks):
    """A spec with its package URL, which is absent when its package or namespace is unknown."""

    purl: NotRequired[str]


def purl_of(spec: Mapping[str, Any], namespace: str | None) -> Mapping[str, str]:
    """The package URL of a spec, as the field ``purl``; no field where it has none.

    It is ``pkg:spack/builtin/zlib@1.3.1?sha=...``, with the DAG hash, as purl-spec pull request 898
    proposes. The namespace is required: pages of build caches do not tell it.
    """
    package = spec.get("package")
    if not package or not namespace:
        return _NO_URL
    return {"purl": f"{_named(package, spec.get('version'), namespace)}?sha={spec['hash']}"}


@cache
def _named(package: str, version: str | None, namespace: str) -> str:
    from urllib.parse import quote

    text = f"pkg:spack/{quote(namespace, safe=_PLAIN)}/{quote(package, safe=_PLAIN)}"
    return f"{text}@{quote(version, safe=_PLAIN)}" if version else text
