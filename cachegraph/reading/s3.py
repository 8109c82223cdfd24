"""Addresses of s3: their bucket and key, how to ask for them by https, and listings of folders."""

import re
from typing import TYPE_CHECKING

from cachegraph.environment import s3_endpoint
from cachegraph.errors import FetchError
from cachegraph.reading.secrets import without_secrets

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_BUCKET = re.compile(r"[A-Za-z0-9](\.?[A-Za-z0-9_-])*")


def is_s3(url: str) -> bool:
    """Whether an address is of s3; no other can be listed."""
    return url[:5].lower() == "s3://"


def bucket_and_key(url: str) -> tuple[str, str]:
    """The parts of an s3 address; FetchError if it is none, or leads out of its bucket."""
    if not is_s3(url):
        message = f"{without_secrets(url)}: plain http cannot list what is in a folder"
        raise FetchError(message, "name a file, or the folder's s3:// address")
    bucket, _, key = url[5:].partition("/")
    if not _BUCKET.fullmatch(bucket):
        message = f"{without_secrets(url)}: it does not begin with the name of a bucket"
        raise FetchError(message, "try s3://bucket/key")
    if leads_out(key):
        message = f"{without_secrets(url)}: a key with . or .. as a folder"
        raise FetchError(message, "it would lead out of its bucket: check the address")
    return bucket, key


def leads_out(path: str) -> bool:
    """Whether a path has a part that would be taken away, perhaps with the part before it."""
    return not {".", ".."}.isdisjoint(path.split("/"))


def https_address(url: str) -> str:
    """The http or https address by which anybody can read."""
    if not is_s3(url):
        return url
    from urllib.parse import quote

    bucket, key = bucket_and_key(url)
    return f"{bucket_address(bucket)}/{quote(key, safe='/~')}"


def bucket_address(name: str) -> str:
    """The address of a bucket by which it can be asked."""
    endpoint = s3_endpoint()
    if endpoint or "." in name:  # the star of a certificate matches no dots
        return f"{(endpoint or 'https://s3.amazonaws.com').rstrip('/')}/{name}"
    return f"https://{name}.s3.amazonaws.com"


def prefix_of(key: str) -> str:
    """What the keys of all files in a folder begin with."""
    return f"{key.rstrip('/')}/" if key.strip("/") else ""


def parse_listing(url: str, data: bytes) -> "Element":
    """A page of a listing; FetchError if it is something else."""
    from xml.etree import ElementTree

    class Builder(ElementTree.TreeBuilder):
        def doctype(self, name: str, _pubid: str | None, _system: str | None) -> None:
            # No listing has one, and its entities could grow without bound or read files.
            raise ElementTree.ParseError(f"it declares a DOCTYPE {name}")

    hint = "check the address, and AWS_ENDPOINT_URL_S3 if it is set"
    try:
        root = ElementTree.fromstring(data, ElementTree.XMLParser(target=Builder()))
    except (ElementTree.ParseError, ValueError, LookupError) as exc:
        raise FetchError(f"{url}: not a listing of S3: {exc}", hint) from exc
    if not root.tag.endswith("ListBucketResult"):
        raise FetchError(f"{url}: not a listing of S3: its element is {root.tag}", hint)
    return root
