"""What the errors of requests and urllib3 mean. ``remote`` imports this when one is raised."""

import ssl
from collections.abc import Iterator

import requests.exceptions as requests_errors
import urllib3.exceptions as urllib3_errors

# An error type, the message, and the hint. The first row applies that has the type of the error or
# of one of its causes; {last} is the text of the last cause.
_NETWORK = "check the address and the network"
_SPELLING = "check its spelling"
_NOT_CONNECTED = "timed out after {seconds:g} s without a connection"
_LONGER = "try again, or set CACHEGRAPH_TIMEOUT to more seconds"
_AUTHORITY = "REQUESTS_CA_BUNDLE names a file with the certificates of a private authority"
_NOT_AN_ADDRESS = "not an address that can be asked"  # the reason would quote its password
_EXPLANATIONS: tuple[tuple[type[BaseException], str, str], ...] = (
    (urllib3_errors.NameResolutionError, "its host could not be resolved", _NETWORK),
    (urllib3_errors.ProxyError, "no way through the proxy: {last}", "check HTTPS_PROXY"),
    (ssl.SSLCertVerificationError, "its certificate was refused: {last}", _AUTHORITY),
    (ssl.SSLError, "no secure connection: {last}", "check the address"),
    (urllib3_errors.NewConnectionError, "no connection: {last}", _NETWORK),
    (urllib3_errors.ConnectTimeoutError, _NOT_CONNECTED, _LONGER),
    (urllib3_errors.ReadTimeoutError, "timed out after {seconds:g} s without bytes", _LONGER),
    (urllib3_errors.LocationParseError, _NOT_AN_ADDRESS, _SPELLING),
    (requests_errors.InvalidURL, _NOT_AN_ADDRESS, _SPELLING),
    (requests_errors.InvalidSchema, _NOT_AN_ADDRESS, _SPELLING),
    (requests_errors.MissingSchema, _NOT_AN_ADDRESS, _SPELLING),
    (UnicodeError, _NOT_AN_ADDRESS, _SPELLING),
    (urllib3_errors.ProtocolError, "broke off: {last}", "try again"),
)


def explain(exc: Exception, timeout: float) -> tuple[str, str]:
    """What an error of a session means, and what to try."""
    causes = [*_causes(exc)]
    last = causes[-1]
    text = (isinstance(last, OSError) and last.strerror) or str(last) or type(last).__name__
    text = " ".join(text.split())
    for type_, message, hint in _EXPLANATIONS:
        if any(isinstance(cause, type_) for cause in causes):
            return message.format(last=text, seconds=timeout), hint
    return text, _NETWORK


def _causes(exc: BaseException | None) -> Iterator[BaseException]:
    """An error and its causes, which requests and urllib3 pass as arguments."""
    while exc is not None:
        yield exc
        values = (getattr(exc, "reason", None), *exc.args)
        exc = next((v for v in values if isinstance(v, BaseException)), exc.__cause__)
