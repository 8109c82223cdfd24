"""The scopes that documents of one import list in full: stacks, or packages of a release."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from cachegraph.errors import FormatError, UsageError
from cachegraph.importing.hash_bag import HashBag, Hashes
from cachegraph.model.spec import Scope
from cachegraph.sources import Document, ErrorHandler, ParsedDocument


@dataclass
class Listing:
    """The documents that list one scope."""

    location: str
    """That of the first document, or of its build cache."""
    members: str
    """Digest of the specs that it lists."""
    digests: set[str] = field(default_factory=set)
    """The digests of the documents."""
    unread: int = 0
    """How many records could not be read."""
    is_shared: bool = False
    """Whether documents at several locations list it, such as a lock file and an index."""


class Listings(dict[Scope, Listing]):
    """The listings of one import by scope."""

    def __init__(self) -> None:
        super().__init__()
        self.incomplete: set[str] = set()
        """The build caches of which a document could not be read."""

    def add(
        self,
        document: Document,
        parsed: ParsedDocument,
        members: Hashes,
        report: ErrorHandler,
    ) -> None:
        """Adds the scopes of a document; ``members`` are the specs of its stack, if it lists one.

        Reports a second page of a package; UsageError if another document lists the same stack
        with other specs.
        """
        location = document.build_cache or document.location
        bag = members if isinstance(members, HashBag) else HashBag(members)
        digest = bag.digest() if bag else ""
        for scope in parsed.scopes:
            listing = self.setdefault(scope, Listing(location, digest))
            listing.is_shared |= (
                listing.location != location and parsed.digest not in listing.digests
            )
            listing.digests.add(parsed.digest)
            listing.unread += len(parsed.faults)
            if listing.location == location:
                continue
            if scope.package is not None:
                error = f"{document.location}: a second page of {scope.package} in {scope.release},"
                hint = "give one of them another release with --release"
                message = f"{error} after {listing.location}; both were imported"
                report(FormatError(message, hint))
            elif listing.members != digest:
                raise UsageError(
                    f"{listing.location} and {document.location} would both be the stack {scope}, "
                    "with different specs; nothing was imported",
                    "import them one by one, with --release or --stack",
                )

    def is_complete(self, scope: Scope) -> bool:
        """Whether a document lists the scope and all of it could be read."""
        listing = self.get(scope)
        return bool(listing and not listing.unread and listing.location not in self.incomplete)

    def why_incomplete(self, scope: Scope) -> str:
        """Says in a few words which part of a scope could not be read."""
        unread = self[scope].unread
        if not unread:
            return f"not all documents of {self[scope].location} could be read"
        return f"{unread} record{'' if unread == 1 else 's'} could not be read"

    def stacks(self) -> Iterator[tuple[Scope, Listing]]:
        """The scopes that are stacks."""
        return ((scope, listing) for scope, listing in self.items() if scope.stack is not None)

    def packages(self) -> Mapping[str, list[Scope]]:
        """The scopes of pages, by release."""
        by_release: dict[str, list[Scope]] = {}
        for scope in self:
            if scope.package is not None:
                by_release.setdefault(scope.release, []).append(scope)
        return by_release
