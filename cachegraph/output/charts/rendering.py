"""Makes files of pictures, with vl-convert."""

import json
from collections.abc import Mapping
from html import escape
from textwrap import wrap
from typing import Any

from cachegraph.output.charts import INK, PAPER, Chart, chart_of
from cachegraph.output.printable import printable

_SCALE = 2  # pixels of a PNG for each unit
_TITLE_LETTERS, _SCOPE_LETTERS = 72, 96  # on a line
# The menu of an HTML file: no editor on a foreign host, to which the data would go.
_ACTIONS = {"export": True, "source": False, "compiled": False, "editor": False}
_FONT = "DejaVu Sans, Verdana, sans-serif"


def render(answer: Mapping[str, Any], suffix: str, *, dark: bool = False) -> bytes:
    """A picture of an answer as a file of the type that the suffix names, one of ``FORMATS``.

    ValueError if there is nothing in the answer to be shown; ImportError without vl-convert.
    """
    return render_chart(chart_of(answer), answer.get("scope", {}), suffix, dark=dark)


def render_chart(
    chart: Chart, about: Mapping[str, Any], suffix: str, *, dark: bool = False
) -> bytes:
    """A picture that is made already as a file, with the scope of its answer below the title."""
    import vl_convert

    scope = "" if about.get("everything") else about.get("text", "")
    ink, paper, grid = (
        ("#e6e6e6", "#1b1e23", "#3a3f47") if dark else ("#222222", "white", "#dddddd")
    )
    described = _escaped(_described(chart, scope) | {"config": _config(ink, grid, dark=dark)})
    spec = json.dumps(described, ensure_ascii=False).replace(PAPER, paper).replace(INK, ink)
    if suffix == "png":
        return bytes(vl_convert.vegalite_to_png(spec, scale=_SCALE))
    if suffix == "pdf":
        return bytes(vl_convert.vegalite_to_pdf(spec))
    if suffix == "html":
        return _html(spec, printable(chart.title)).encode()
    svg = str(vl_convert.vegalite_to_svg(spec))
    # vl-convert leaves the description out.
    start, end, rest = svg.partition(">")
    return f"{start}{end}<desc>{escape(described['description'])}</desc>{rest}".encode()


def _escaped(value: Any) -> Any:
    """The value with all texts printable.

    XML has no control characters, and a mark of direction would turn what follows it.
    """
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, Mapping):
        return {name: _escaped(one) for name, one in value.items()}
    return [*map(_escaped, value)] if isinstance(value, (list, tuple)) else value


def _html(spec: str, title: str) -> str:
    """One HTML file that shows a specification and asks for no other file.

    vl-convert puts the specification into a script as it is, where ``</script>`` in a name would
    end it.
    """
    import vl_convert

    mark = "\ue000"  # which is not printable, and so not in the specification
    text = str(vl_convert.vegalite_to_html(spec.replace("<", mark), bundle=True))
    head = f'<html lang="en">\n  <head>\n    <title>{escape(title)}</title>'
    text = text.replace("<html>\n  <head>", head, 1)
    return text.replace(mark, "\\u003c")


def _described(chart: Chart, scope: str) -> dict[str, Any]:
    """The specification with its title, the scope of the answer below it, and both as a text."""
    text = f"{chart.title}, {scope}" if scope else chart.title
    title: dict[str, Any] = {"text": _lines(chart.title, _TITLE_LETTERS), "anchor": "start"}
    if scope:
        title["subtitle"] = _lines(scope, _SCOPE_LETTERS)
    return {
        "title": title,
        "description": f"{text}. {chart.description}",
        "background": PAPER,
        "usermeta": {"embedOptions": {"actions": _ACTIONS}},
        "padding": 16,
        **chart.spec,
    }


def _lines(text: str, letters: int) -> list[str]:
    return wrap(text, letters, break_on_hyphens=False)


def _config(ink: str, grid: str, *, dark: bool) -> dict[str, Any]:
    """Our style. Of the cells of a heatmap, those with the most stand out from the paper."""
    coloured = {"labelColor": ink, "titleColor": ink, "titleFontWeight": "normal"}
    lines = {"domainColor": ink, "tickColor": ink, "gridColor": grid}
    return {
        "font": _FONT,
        "view": {"stroke": None},
        "title": {"color": ink, "subtitleColor": ink, "fontSize": 15, "offset": 14},
        "axis": {**coloured, **lines, "labelLimit": 0},
        "legend": {**coloured, "labelLimit": 0, "titleLimit": 0},
        "text": {"color": ink},
        "rule": {"color": ink},
        "range": {"heatmap": {"scheme": "viridis", "extent": [0, 1] if dark else [1, 0]}},
    }
