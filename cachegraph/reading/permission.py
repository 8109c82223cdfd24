"""Which addresses a document or a redirect may name: public ones, and those of its own server.

What the user names is not asked here. Addresses of this machine and of private networks are
refused, by their names and again by the addresses that the names stand for.
"""

from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from cachegraph.environment import local_hosts
from cachegraph.errors import FetchError
from cachegraph.reading.secrets import without_secrets

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

HINT = "if you trust what names it, set CACHEGRAPH_LOCAL_HOSTS={host}"
_SCHEMES = ("http", "https")
_PORTS = {"http": 80, "https": 443}
_NAMES_OF_THIS_MACHINE = ("localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback")
# The last 32 bits of these are an IPv4 address.
_WITH_IPV4 = ("64:ff9b::/96", "::/96")


def check_named(address: str, named_by: str) -> None:
    """FetchError if a document or redirect at ``named_by`` may not name an address.

    ``named_by`` is empty for a file of this machine.
    """
    try:
        parts = urlsplit(address)
        scheme, host = parts.scheme, parts.hostname
    except ValueError:
        scheme, host = "", None
    # A backslash ends the host for some programs, and not for others.
    if scheme not in _SCHEMES or not host or "\\" in parts.netloc:
        message = f"{without_secrets(address)}: not an http or https address"
        raise FetchError(message, "check what names it")
    name = host.rstrip(".")
    is_local = name in _NAMES_OF_THIS_MACHINE or name.endswith(".localhost")
    if (is_local or not is_public(host)) and not may_be_local(address, named_by):
        raise refusal(address, host)


def may_be_local(address: str, named_by: str) -> bool:
    """Whether an address may lead into this machine or a private network.

    So it is if that very server names it, or the user allows its host.
    """
    try:
        asked = urlsplit(address)
        allowed = {asked.hostname, f"{asked.hostname}:{_port(asked)}", "*"}
        return not allowed.isdisjoint(local_hosts()) or _is_same_server(asked, urlsplit(named_by))
    except ValueError:
        return False


def refusal(address: str, host: str) -> FetchError:
    """The error of an address that leads into this machine or a private network."""
    message = f"{without_secrets(address)}: not asked for: an address of a private network"
    return FetchError(message, HINT.format(host=host))


def is_public(host: str) -> bool:
    """Whether a host is a name, or an IP address that is routed on the Internet.

    Also where it is written as only some programs, such as a proxy, read it: ``127.1``.
    """
    import ipaddress

    address = _ip_address(host)
    if address is None:
        return "%" not in host  # which would hide what it stands for
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if any(address in ipaddress.IPv6Network(network) for network in _WITH_IPV4):
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if address.is_site_local:
            return False
        address = inner or address
    return address.is_global and not address.is_multicast


def _ip_address(host: str) -> "IPv4Address | IPv6Address | None":
    """The IP address that a host is, in any notation; None for a name."""
    import ipaddress
    import socket
    import unicodedata

    text = unicodedata.normalize("NFKC", host).replace("\u3002", ".").rstrip(".")
    with suppress(ValueError):
        return ipaddress.ip_address(text)
    with suppress(OSError, UnicodeError):
        return ipaddress.IPv4Address(socket.inet_aton(text))
    return None


def _is_same_server(asked: SplitResult, by: SplitResult) -> bool:
    """Whether both are of one host, and of one port or the two standard ports."""
    ports = {_port(asked), _port(by)}
    return asked.hostname == by.hostname and (len(ports) == 1 or ports == {80, 443})


def _port(parts: SplitResult) -> int | None:
    return parts.port or _PORTS.get(parts.scheme)
