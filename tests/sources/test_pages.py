"""Pages of every era, and the traps where YAML and JSON disagree."""

from pathlib import Path
from typing import Any

import pytest
import yaml

import cachegraph
from cachegraph.model.spec import DependencyUse, Scope
from cachegraph.sources import Document, ParsedDocument, page
from cachegraph.sources.frontmatter import front_matter_lines, parse_as_json, parse_as_yaml
from tests.conftest import FIXTURES
from tests.support.corpus import dag_hash, spec
from tests.support.corpus import page as page_text
from tests.support.sample import PAGES


def read(data: bytes | str, path: Path = Path("specs.md")) -> tuple[ParsedDocument, list[str]]:
    """What a page says, and the messages about it."""
    problems: list[cachegraph.CacheGraphError] = []
    document = Document(str(path), str(path), data.encode() if isinstance(data, str) else data)
    assert page.accepts(document)
    contents = page.read(document, problems.append)
    contents = contents._replace(records=[*contents.records])
    return contents, [problem.message for problem in problems]


REAL = sorted(PAGES.rglob("specs.md"))


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.parent.name)
def test_json_gives_what_yaml_gives(path: Path) -> None:
    document = Document(str(path), str(path), path.read_bytes())
    lines = front_matter_lines(document)
    fast = parse_as_json(lines)
    assert fast is not None
    assert fast.fields == parse_as_yaml(document, lines).fields | {"layout": b"cache"}


@pytest.mark.parametrize(
    ("package", "specs", "era"),
    [
        ("py-ml-dtypes", 129, "2025"),
        ("py-mpi4py", 91, "2025"),
        ("py-pdm-backend", 77, "early 2025"),
        ("py-pyproject-hooks", 93, "2025"),
    ],
)
def test_real_pages(package: str, specs: int, era: str) -> None:
    path = PAGES / package / "specs.md"
    contents, problems = read(path.read_bytes(), path)
    assert problems == []
    assert len([*contents.records]) == specs
    assert contents.format_version == era
    assert contents.scopes == [Scope("develop", package)]
    compilers = {record.description.compiler for record in [*contents.records]}
    assert not any("=" in compiler for compiler in compilers if compiler)
    assert (None in compilers) == (package == "py-pyproject-hooks")


def test_page_of_2023() -> None:
    path = FIXTURES / "2023/_cache/develop/apcomp/specs.md"
    contents, problems = read(path.read_bytes(), path)
    assert problems == []
    assert contents.format_version == "2023"
    first = next(iter(contents.records))
    assert first.hash == "ldujz3zerxzbfwkix34guhui3ffymwq6"
    assert first.description.compiler == "gcc@11.1.0"
    assert first.description.variants == (
        "+blt_find_mpi",
        "build_system=generic",
        "+mpi",
        "+openmp",
        "+shared",
    )
    assert first.stacks == ("develop/data-vis-sdk", "develop/root")


def test_page_of_2022_has_no_root() -> None:
    entries = [{**spec("a"), "stacks": [], "tarball": "x"}, {**spec("b"), "stacks": ["e4s"]}]
    text = page_text("zlib", entries, tag="v0.18.0", stacks=["e4s", "root"])
    contents, problems = read(text)
    assert problems == []
    assert contents.format_version == "2022"
    assert [record.stacks for record in contents.records] == [(), ("v0.18.0/e4s",)]


def test_page_of_2021_is_read_from_the_files_beside_it() -> None:
    path = FIXTURES / "2021/_cache/adiak/index.md"
    contents, problems = read(path.read_bytes(), path)
    assert problems == []
    assert contents.format_version == "2021"
    assert contents.scopes == []
    record, *others = contents.records
    assert record.hash == "xki2324ffw7w7mcd2kyrbvmfz2mq7k2r"
    assert record.stacks == ()
    assert record.description._asdict() == {
        "package": "adiak",
        "version": "0.1.1",
        "variants": ("build_type=RelWithDebInfo", "+mpi", "+shared"),
        "flags": (),
        "compiler": "gcc@9.3.0",
        "platform": "linux",
        "os": "ubuntu20.04",
        "target": "x86_64",
        "namespace": "builtin",
        "package_hash": None,
        "provides": None,
        "external": False,
        "prefix": None,
        "modules": None,
        "target_features": None,
        "specfile_version": 2,
        "verified": True,
        "recomputed": None,
        "size": None,
        "deprecated_for": None,
    }
    assert record.dependencies == {
        "m6fglfw26zhehcp7cfrekn3vsgjkwmwn": DependencyUse(("build", "link")),
    }
    names = [other.description.package for other in others]
    assert names == ["mpich", "libpciaccess", "libxml2", "libiconv", "xz", "zlib"]
    # Hashed as if they were of format 1, of which no other file of format 2 is known.
    assert all(other.description.verified for other in others)


def test_page_of_2021_without_one_of_its_files(tmp_path: Path) -> None:
    path = tmp_path / "index.md"
    path.write_text((FIXTURES / "2021/_cache/adiak/index.md").read_text())
    contents, problems = read(path.read_bytes(), path)
    assert [*contents.records] == []
    assert problems == [
        f"{tmp_path}/spec-0.json: listed by the page, but No such file or directory"
    ]


@pytest.mark.parametrize(
    ("path", "tag"),
    [
        ("site/_cache/v0.20.1/zlib/specs.md", "v0.20.1"),
        ("pages/develop-2024-03-17/zlib/specs.md", "develop-2024-03-17"),
        ("downloads/page.txt", "local"),
    ],
)
def test_tag_from_the_path_when_no_category_has_it(path: str, tag: str) -> None:
    text = page_text("zlib", [spec("a")]).replace("categories: [package, develop]\n", "")
    contents, _ = read(text, Path(path))
    assert contents.scopes == [Scope(tag, "zlib")]


def test_package_from_the_path_when_no_title_has_it() -> None:
    text = page_text("zlib", [spec("a")]).replace('title: "zlib"\n', "")
    contents, _ = read(text, Path("_cache/develop/zlib/specs.md"))
    assert next(iter(contents.records)).description.package == "zlib"


@pytest.mark.parametrize("line", ['title: "7zip"', "title: '7zip'", "title: 7zip"])
def test_titles(line: str) -> None:
    contents, _ = read(page_text("x", [spec("a")]).replace('title: "x"', line))
    assert next(iter(contents.records)).description.package == "7zip"


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text + "\n",
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: text.replace("layout: cache\n", "layout: cache # a comment\n"),
        lambda text: text.replace("layout: cache\n", "layout: cache\nsomething: new\n"),
        lambda text: text.replace('"stacks": ', '"stacks":\t'),
        lambda text: text.replace("]\n---", ",]\n---"),
    ],
    ids=["final-newline", "crlf", "bom", "comment", "unknown-field", "tab", "trailing-comma"],
)
def test_other_spellings_of_a_page(change: Any) -> None:
    contents, problems = read(change(page_text("zlib", [spec("a", "e4s"), spec("b")])))
    assert problems == []
    assert [record.hash for record in contents.records] == [dag_hash("a"), dag_hash("b")]
    assert next(iter(contents.records)).stacks == ("develop/root", "develop/e4s")


def test_where_json_and_yaml_disagree_a_page_is_yaml() -> None:
    # An exponent without quotes is a number to JSON and text to YAML.
    text = page_text("zlib", [spec("a", versions=["V"])]).replace('["V"]', "[1e3]")
    assert yaml.safe_load("[1e3]") == ["1e3"]
    contents, problems = read(text)
    assert problems == []
    assert next(iter(contents.records)).description.version == "1e3"


def test_next_line_character_ends_a_line_in_yaml() -> None:
    text = page_text("zlib", [spec("a", variants=["flags=a\\u0085b"])])
    assert "\\\\u0085" in text
    contents, _ = read(text.replace("\\\\u0085", "\x85"))
    assert next(iter(contents.records)).description.variants == ("flags=a b",)


def test_numbers_without_quotes_are_not_taken_for_versions() -> None:
    text = page_text("zlib", [spec("a", versions=["V"]), spec("b")]).replace('["V"]', "[1.10]")
    contents, problems = read(text)
    assert [record.hash for record in contents.records] == [dag_hash("b")]
    assert problems == [
        "specs.md: line 6: spec_details[0].versions: expected text in the list, found a number: 1.1"
    ]


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("+mpi", "+mpi"),
        ("~mpi", "~mpi"),
        ("++mpi", "+mpi"),
        ("~~mpi", "~mpi"),
        ("build_type=Release", "build_type=Release"),
        ("build_type==Release", "build_type=Release"),
        ("cuda_arch:=80,70", "cuda_arch=70,80"),
        ("cuda_arch=80,70", "cuda_arch=70,80"),
        ("flags:='a b'", "flags=a b"),
        ("defs=A=1", "defs=A=1"),
        ("with-dash=a", "with-dash=a"),
    ],
)
def test_variants(written: str, normal: str) -> None:
    contents, _ = read(page_text("zlib", [spec("a", variants=[written])]))
    assert next(iter(contents.records)).description.variants == (normal,)


def test_variants_are_sorted_by_name() -> None:
    contents, _ = read(page_text("zlib", [spec("a", variants=["~pic", "build=x", "+mpi"])]))
    assert next(iter(contents.records)).description.variants == ("build=x", "+mpi", "~pic")


@pytest.mark.parametrize("compiler", ["none", "", "-"])
def test_no_compiler(compiler: str) -> None:
    contents, problems = read(page_text("zlib", [spec("a", compiler=compiler)]))
    assert next(iter(contents.records)).description.compiler is None
    assert problems == []


@pytest.mark.parametrize(
    ("meta", "problem"),
    [
        ({"num_specs": 3}, "meta.num_specs: says 3, spec_details holds 2"),
        (
            {"num_specs_by_stack": {"e4s": 1, "root": 1}},
            "meta.num_specs_by_stack: says 1 for root, found 2",
        ),
        ({"versions": ["2.0"]}, "meta.versions: names 2.0, which no spec has; lacks 1.0, which"),
        ({"stacks": ["root"]}, "meta.stacks: lacks e4s, which specs have"),
        ({"compilers": ["gcc@=11.4.0", "gcc@9"]}, "meta.compilers: names gcc@9, which no spec has"),
        ({"oss": "ubuntu22.04"}, "meta.oss: says 'ubuntu22.04', spec_details holds"),
    ],
)
def test_contradictions_of_meta(meta: dict[str, Any], problem: str) -> None:
    contents, problems = read(page_text("zlib", [spec("a", "e4s"), spec("b")], **meta))
    assert len([*contents.records]) == 2
    assert len(problems) == 1
    assert problems[0].startswith(f"specs.md: line 5: {problem}")
