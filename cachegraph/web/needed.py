"""The packages that pages need, which the extra ``serve`` installs."""

from cachegraph.errors import UsageError


def check_extra() -> None:
    """UsageError without the packages."""
    try:
        import jinja2  # noqa: F401
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as exc:
        message = f"pages need the package {exc.name}"
        raise UsageError(message, "pip install 'cachegraph[serve]'") from None
