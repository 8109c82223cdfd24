"""Package URLs of specs, as tools for bills of materials and advisories compare them."""

from functools import cache

# What a package URL leaves as it is: https://github.com/package-url/purl-spec
_PLAIN = ":"


def purl(hash_: str, package: str, version: str | None, namespace: str | None) -> str:
    """Such as ``pkg:spack/builtin/zlib@1.3.1?daghash=...``.

    No type for Spack is registered. This is the one that Spack's people propose (purl-spec pull
    request 898): the namespace of the recipe, the package, the version, and the DAG hash as
    ``daghash``. What is not known is left out: pages of build caches do not tell the namespace.
    """
    return f"{_named(package, version, namespace)}?daghash={hash_}"


@cache
def _named(package: str, version: str | None, namespace: str | None) -> str:
    parts = [part for part in (namespace, package) if part]
    text = f"pkg:spack/{'/'.join(map(_encoded, parts))}"
    return f"{text}@{_encoded(version)}" if version else text


def _encoded(text: str) -> str:
    from urllib.parse import quote

    return quote(text, safe=_PLAIN)
