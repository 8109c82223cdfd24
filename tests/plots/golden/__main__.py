"""Makes the files anew."""

from importlib.metadata import version

import cachegraph
from cachegraph.reading.discover import SAMPLE
from tests.plots.golden import FOLDER, MADE_WITH, PICTURES, picture

with cachegraph.open(":memory:") as graph:
    graph.import_(SAMPLE)
    for name in PICTURES:
        (FOLDER / f"{name}.svg").write_text(picture(graph.store, name))
MADE_WITH.write_text(f"{version('vl-convert-python')}\n")
