"""Places of sources, as others may see them."""

import pytest

from cachegraph.web.hiding import shown_location, without_local_paths


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("/home/me/envs/spack.lock", "spack.lock"),
        ("/home/me/envs/", "envs"),
        ("../envs/spack.lock", "spack.lock"),
        ("C:\\Users\\me\\spack.lock", "spack.lock"),
        ("C:/Users/me/spack.lock", "spack.lock"),
        ("\\\\server\\share\\spack.lock", "spack.lock"),
        ("file:///home/me/index.json", "index.json"),
        ("envs/one/spack.lock", "envs/one/spack.lock"),
        ("spack.lock", "spack.lock"),
        ("https://example.com/index.json", "https://example.com/index.json"),
        ("-", "-"),
        ("/", ""),
        ("", ""),
    ],
)
def test_places(location: str, shown: str) -> None:
    assert shown_location(location) == shown


def test_they_are_found_wherever_they_are() -> None:
    answer = {
        "wanted": {"lock": "/home/me/spack.lock"},
        "specs": [{"sources": [{"location": "/home/me/a", "format": "page"}], "prefix": "/usr"}],
        "location": ["no", "text"],
        "rows": [[{"store": "/home/me/graph.db"}], []],
        "specs_wanted": 1,
    }
    assert without_local_paths(answer) == {
        "wanted": {"lock": "spack.lock"},
        "specs": [{"sources": [{"location": "a", "format": "page"}], "prefix": "/usr"}],
        "location": ["no", "text"],
        "rows": [[{"store": "graph.db"}], []],
        "specs_wanted": 1,
    }
