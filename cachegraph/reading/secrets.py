"""The gate for addresses that are kept or shown: without passwords, tokens and signatures.

An address with its secrets is used for nothing but to ask its server. The patterns are compiled
when an address is first shown: most imports have none.
"""

import re

_ADDRESS = r"(?is)(\s*[a-z][a-z0-9+.-]*:/+)([^?#]*)(\?[^#]*)?(#.*)?"
_IN_TEXT = r"(?i)[a-z][a-z0-9+.-]*:/+[^\s'\"<>]*"
_HOST = r"(\[[^\]]*\]|[^:\[\]]*)(:\d*)?"
# A user and a password of digits, or a host and its port; and an @ before what may be a host.
_USER_OR_HOST = r"[^:@\[\]]+:\d*"
_AT_HOST = r"(?ai)@(?=(\[[^\]]*\]|([\w-]+\.)*[\w-]*[a-z][\w-]*\.?|\d+(\.\d+){3})(:\d*)?([/?#]|$))"
_PARAMETERS_OF_PATH = r"(?i)(;|%3[bf])[^/]*=[^/]*"
_NOT_A_PATH = r"(?i)\s*([a-z][a-z0-9+.-]+:[/\\]|(//)?[^/:@]+:[^@]*@)"
# A query is kept only if each of its parameters is one of these, with a value that is no secret.
_HARMLESS = (
    r"(?ai)(raw|ref|ref_type|inline|download|dl|format|branch|path|version|v|at|plain|"
    r"list-type|prefix|delimiter)(=[\w./%~-]{0,80})?"
)
_HIDDEN = "..."


def without_secrets(location: str, *, keep_user: bool = False) -> str:
    """A location without its user and password, and without all of its query that may be secret.

    What is hidden of a query or a fragment is ``...``. ``keep_user`` keeps the name of the user,
    which addresses of ssh need. A path is returned as it is.
    """
    if ":/" not in location or not (address := re.fullmatch(_ADDRESS, location)):
        return location
    scheme, rest, query, fragment = address.groups(default="")
    if _hides_more(rest, query + fragment):
        # A password with ? or # in it: what looks like a query ends with the user's host.
        rest, query, fragment = _split(f"{rest}{query}{fragment}".rpartition("@")[2])
    if ":" in rest or not scheme.lower().startswith("s3"):  # else what is before @ is no secret
        rest = _without_user(rest, keep_user=keep_user)
    rest = re.sub(_PARAMETERS_OF_PATH, rf"\1{_HIDDEN}", rest)
    return scheme + rest + _shown_query(query) + (f"#{_HIDDEN}" if fragment[1:] else fragment)


def is_like_address(text: str) -> bool:
    """Whether a text is rather an address, also one without its scheme, than a path."""
    return re.match(_NOT_A_PATH, text) is not None


def shown_as_typed(text: str) -> str:
    """A text that is no path of a file, without its secrets if it may be meant as an address."""
    if re.fullmatch(_ADDRESS, text) or not is_like_address(text):
        return without_secrets(text)
    shown = without_secrets(f"x:/{text.strip()}").removeprefix("x:/")
    return f"{_HIDDEN}@{shown.rpartition('@')[2].lstrip('/')}"


def hide_addresses(text: str) -> str:
    """A text of a library or a server, each address in it without its secrets."""
    return re.sub(_IN_TEXT, lambda match: without_secrets(match[0]), text)


def _hides_more(rest: str, after: str) -> bool:
    host = rest.partition("/")[0]
    if "@" not in after or "@" in rest:
        return False
    return not re.fullmatch(_HOST, host) or _may_be_password(host, after)


def _may_be_password(host: str, after: str) -> bool:
    """Whether what looks like a host and its port may be a user and the start of a password."""
    return bool(re.fullmatch(_USER_OR_HOST, host) and re.search(_AT_HOST, after))


def _split(rest: str) -> tuple[str, str, str]:
    rest, hash_, fragment = rest.partition("#")
    rest, mark, query = rest.partition("?")
    return rest, mark + query, hash_ + fragment


def _without_user(rest: str, *, keep_user: bool) -> str:
    """A host and a path without what stands before the last @ that may end a password."""
    host, _, path = rest.partition("/")
    if "@" in path and _may_be_password(host, path):
        return f"{_HIDDEN}@{rest[[*re.finditer(_AT_HOST, rest)][-1].end() :]}"
    if "@" not in rest or (re.fullmatch(_HOST, host) and "@" not in host):
        return rest
    # A password may contain @ and /, so all before the last @ is in doubt.
    user, _, shown = rest.rpartition("@")
    name = re.split("[:/@]", user)[0]
    return f"{name}@{shown}" if keep_user and name else shown


def _shown_query(query: str) -> str:
    parameters = re.split("[&;]", query[1:]) if query[1:] else []
    if not parameters:
        return query
    shown = [one for one in parameters if re.fullmatch(_HARMLESS, one)]
    if len(shown) < len(parameters):
        shown.append(_HIDDEN)
    return f"?{'&'.join(shown)}"
