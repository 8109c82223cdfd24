"""Makes files of pictures, with vl-convert."""

import json
from collections.abc import Mapping
from typing import Any

from cachegraph.output.charts import PAPER, Chart, chart_of
from cachegraph.output.printable import printable

_SCALE = 2  # pixels of a PNG for each unit
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
    styled = _styled(chart, scope, dark=dark)
    spec = json.dumps(_escaped(styled), ensure_ascii=False).replace(PAPER, styled["background"])
    if suffix == "png":
        return bytes(vl_convert.vegalite_to_png(spec, scale=_SCALE))
    if suffix == "pdf":
        return bytes(vl_convert.vegalite_to_pdf(spec))
    text = _html(spec) if suffix == "html" else vl_convert.vegalite_to_svg(spec)
    return str(text).encode()


def _escaped(value: Any) -> Any:
    """The value with all texts printable: XML has no control characters, and a mark of direction
    would turn what follows it.
    """
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, Mapping):
        return {name: _escaped(one) for name, one in value.items()}
    return [*map(_escaped, value)] if isinstance(value, (list, tuple)) else value


def _html(spec: str) -> str:
    """One HTML file that shows a specification and asks for no other file.

    vl-convert puts the specification into a script as it is, where ``</script>`` in a name would
    end it.
    """
    import vl_convert

    mark = "\ue000"  # which is not printable, and so not in the specification
    text = str(vl_convert.vegalite_to_html(spec.replace("<", mark), bundle=True))
    return text.replace(mark, "\\u003c")


def _styled(chart: Chart, scope: str, *, dark: bool) -> dict[str, Any]:
    """The specification with its title, the scope of the answer below it, and our style."""
    ink, paper, grid = (
        ("#e6e6e6", "#1b1e23", "#3a3f47") if dark else ("#222222", "white", "#dddddd")
    )
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "title": {"text": chart.title, "subtitle": scope, "anchor": "start"},
        "description": f"{chart.title}, {scope}. {chart.description}",
        "background": paper,
        "padding": 16,
        **chart.spec,
        "config": {
            "font": _FONT,
            "view": {"stroke": None},
            "title": {"color": ink, "subtitleColor": ink, "fontSize": 15, "offset": 14},
            "axis": {
                "labelColor": ink,
                "titleColor": ink,
                "domainColor": ink,
                "tickColor": ink,
                "gridColor": grid,
                "labelLimit": 320,
                "titleFontWeight": "normal",
            },
            "legend": {"labelColor": ink, "titleColor": ink, "titleFontWeight": "normal"},
            "header": {"labelColor": ink, "titleColor": ink},
            "text": {"color": ink},
            "rule": {"color": ink},
        },
    }
