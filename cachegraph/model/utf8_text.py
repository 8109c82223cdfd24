"""Text that every store and every file can hold."""


def utf8_text(text: str) -> str:
    """The text; what is no UTF-8, as in names of files, is spelled out."""
    return text.encode(errors="backslashreplace").decode()
