"""What is known of the real files: one row for each file that the data's READMEs have a table for.

The numbers are the READMEs' own (and ``truth.json``'s) as far as they go. What they are silent on
(edges by type and by virtual, members, the old spec files, most of the mirrors) was worked out by
``tests.oracles.documents``. Paths are those of the data folder; ``fixture`` finds what is kept in this
repository.
"""

from pathlib import Path
from typing import NamedTuple

FIXTURES = Path(__file__).parents[1] / "fixtures" / "spack"
PAGES = Path(__file__).parents[2] / "cachegraph" / "sample"


class Known(NamedTuple):
    """One document.

    ``format`` is ``lock``, ``index``, ``spec``, ``find`` (a list of nodes), ``page``, or something
    that holds no spec. ``edges`` are distinct pairs of hashes in all entries of the document;
    ``kept_edges`` leaves out those of an entry whose DAG hash an earlier one has, and the edges by
    type (``build``, ``link``, ``run``, ``test``) and those that provide a ``virtual`` are of these.
    ``in_buildcache`` is None where the format has no word for it; ``members`` is what a stack made
    of the document holds.
    """

    path: str
    format: str
    version: int | str
    entries: int
    specs: int
    packages: int
    package_versions: int
    compilers: int
    operating_systems: tuple[str, ...]
    targets: tuple[str, ...]
    edges: int
    groups: int
    grouped: int
    roots: int
    distinct_roots: int
    externals: int
    without_compiler: int
    in_buildcache: int | None
    build: int
    link: int
    run: int
    test: int
    virtual: int
    members: int
    kept_edges: int


class Pair(NamedTuple):
    """What two documents share; ``alike`` counts pairs of near-duplicates from one to the other."""

    left: str
    right: str
    hashes: int
    left_specs: int
    right_specs: int
    versions: int | None
    packages: int
    alike: int | None


class LookAlike(NamedTuple):
    """Two specs of one document that look the same, by the first characters of their hashes.

    ``causes`` are what makes them two: the packages on the way down, and what differs there.
    """

    path: str
    package: str
    version: str
    left: str
    right: str
    causes: tuple[tuple[str, str], ...]


class Verified(NamedTuple):
    """How many of a document's nodes have the hash that is recomputed from them.

    ``plain`` by the rule of their format, in file order; ``indented`` are early nodes of format 4,
    hashed as format 3; ``restored`` are found again once a later rewriting is undone.
    """

    nodes: int
    plain: int
    indented: int
    restored: int


class Conflict(NamedTuple):
    """Two documents that tell different things of one hash.

    ``nodes`` counts by field of the node as written, ``normal`` by field of its normal form.
    """

    left: str
    right: str
    hashes: int
    nodes: dict[str, int]
    normal: dict[str, int]


def fixture(path: str) -> Path:
    """Where this repository has a file of the data folder; nothing may be there."""
    if path.startswith("pages/"):
        return PAGES / path.removeprefix("pages/")
    plain = FIXTURES / path
    return plain if plain.exists() else plain.with_name(f"{plain.name}.gz")


# fmt: off
# ruff: noqa: E501 - a row a line
KNOWN = [
    Known("pages/develop/py-pdm-backend/specs.md", "page", "", 77, 77, 1, 1, 5, ("sequoia", "ubuntu20.04", "ubuntu22.04", "ubuntu24.04"), ("aarch64", "neoverse_v2", "x86_64_v3"), 0, 7, 77, 0, 0, 0, 0, None, 0, 0, 0, 0, 0, 77, 0),
    Known("pages/develop/py-mpi4py/specs.md", "page", "", 91, 91, 1, 2, 5, ("sequoia", "ubuntu20.04", "ubuntu22.04", "ubuntu24.04"), ("aarch64", "neoverse_v2", "x86_64_v3"), 0, 7, 91, 0, 0, 0, 0, None, 0, 0, 0, 0, 0, 91, 0),
    Known("pages/develop/py-ml-dtypes/specs.md", "page", "", 129, 129, 1, 2, 3, ("sequoia", "ubuntu22.04", "ubuntu24.04"), ("aarch64", "neoverse_v1", "x86_64_v3"), 0, 7, 129, 0, 0, 0, 0, None, 0, 0, 0, 0, 0, 129, 0),
    Known("pages/develop/py-pyproject-hooks/specs.md", "page", "", 93, 93, 1, 2, 0, ("ubuntu22.04", "ubuntu24.04"), ("aarch64", "x86_64_v3"), 0, 6, 93, 0, 0, 0, 93, None, 0, 0, 0, 0, 0, 93, 0),
    Known("locks/e4s-24.11/amd64-gcc-cpu-ubuntu22.04/spack.lock.gz", "lock", 5, 1045, 1045, 644, 713, 1, ("ubuntu22.04",), ("x86_64",), 8363, 229, 538, 120, 120, 3, 0, None, 6174, 3558, 2133, 0, 1716, 1045, 8363),
    Known("locks/e4s-24.11/amd64-gcc-cuda-ubuntu22.04/spack.lock.gz", "lock", 5, 412, 412, 285, 306, 1, ("ubuntu22.04",), ("x86_64",), 2930, 39, 79, 79, 78, 4, 0, None, 2055, 1819, 302, 0, 800, 412, 2930),
    Known("locks/e4s-24.11/amd64-gcc-rocm-ubuntu22.04/spack.lock.gz", "lock", 5, 320, 320, 239, 246, 1, ("ubuntu22.04",), ("x86_64",), 2378, 3, 6, 83, 83, 23, 0, None, 1743, 1599, 190, 0, 596, 320, 2378),
    Known("locks/e4s-24.11/amd64-oneapi-ubuntu22.04/spack.lock.gz", "lock", 5, 844, 844, 596, 649, 2, ("ubuntu22.04",), ("x86_64",), 6638, 124, 280, 118, 118, 6, 0, None, 4877, 2902, 1617, 0, 1434, 844, 6638),
    Known("locks/e4s-24.02/amd64-gcc-cuda-ubuntu20.04/spack.lock.gz", "lock", 5, 391, 391, 301, 319, 1, ("ubuntu20.04",), ("x86_64",), 2351, 15, 30, 74, 73, 1, 0, None, 1919, 1353, 189, 0, 312, 391, 2351),
    Known("locks/e4s-24.02/amd64-gcc-rocm-ubuntu20.04/spack.lock.gz", "lock", 5, 295, 295, 240, 249, 1, ("ubuntu20.04",), ("x86_64",), 1839, 2, 4, 56, 56, 20, 0, None, 1526, 1124, 151, 0, 212, 295, 1839),
    Known("locks/e4s-23.05/cuda-x86_64/spack.lock.gz", "lock", 4, 785, 785, 560, 599, 1, ("ubuntu20.04",), ("x86_64",), 4192, 93, 188, 167, 167, 0, 0, None, 4102, 1477, 1055, 0, 0, 785, 4192),
    Known("locks/e4s-23.05/oneapi-x86_64/spack.lock.gz", "lock", 4, 328, 328, 284, 296, 2, ("ubuntu20.04",), ("x86_64",), 1315, 10, 21, 93, 93, 0, 0, None, 1273, 524, 233, 0, 0, 328, 1315),
    Known("locks/ncar/derecho-23.04-2023-04-27/spack.lock.gz", "lock", 4, 350, 350, 210, 220, 6, ("sles15",), ("x86_64_v3",), 1072, 11, 22, 156, 156, 34, 0, None, 1015, 643, 103, 0, 0, 350, 1072),
    Known("locks/ncar/gust-23.04-2023-07-19/spack.lock.gz", "lock", 4, 413, 413, 222, 235, 6, ("sles15",), ("x86_64_v3",), 1295, 11, 42, 181, 181, 36, 0, None, 1213, 820, 103, 0, 0, 413, 1295),
    Known("locks/ncar/derecho-23.09-2023-08-31/spack.lock.gz", "lock", 5, 430, 430, 342, 349, 4, ("sles15",), ("x86_64_v3",), 1621, 8, 16, 147, 147, 21, 0, None, 1544, 910, 168, 0, 303, 430, 1621),
    Known("locks/ncar/derecho-23.09-2024-01-23/spack.lock.gz", "lock", 5, 664, 664, 415, 431, 5, ("sles15",), ("x86_64_v3",), 2560, 56, 167, 283, 283, 35, 0, None, 2419, 1558, 193, 0, 536, 664, 2560),
    Known("locks/ncar/derecho-23.09-2024-10-22/spack.lock.gz", "lock", 5, 1238, 1238, 497, 564, 13, ("sles15",), ("x86_64_v3",), 5007, 143, 395, 681, 681, 69, 0, None, 4598, 2969, 365, 0, 1043, 1238, 5007),
    Known("locks/ncar/gust-23.09-2024-03-25/spack.lock.gz", "lock", 5, 512, 512, 394, 400, 5, ("sles15",), ("x86_64_v3",), 2269, 10, 20, 183, 183, 23, 0, None, 2203, 1103, 198, 0, 364, 512, 2269),
    Known("locks/ncar/gust-22.08-2022-08-25/spack.lock.gz", "lock", 4, 278, 278, 67, 72, 7, ("sles15",), ("zen", "zen3"), 401, 26, 52, 100, 100, 112, 0, None, 369, 287, 29, 0, 0, 278, 401),
    Known("locks/viperml/debian-11-2025-06-03/spack.lock", "lock", 6, 126, 126, 126, 126, 1, ("debian11",), ("x86_64",), 885, 0, 0, 12, 12, 2, 45, None, 707, 275, 172, 0, 211, 126, 885),
    Known("locks/viperml/rhel-8-2025-06-03/spack.lock", "lock", 6, 126, 126, 126, 126, 1, ("rhel8",), ("x86_64",), 885, 0, 0, 12, 12, 2, 45, None, 707, 275, 172, 0, 211, 126, 885),
    Known("locks/viperml/debian-11-2025-05-28/spack.lock", "lock", 6, 109, 109, 109, 109, 1, ("debian11",), ("x86_64",), 745, 0, 0, 10, 10, 2, 44, None, 601, 216, 162, 0, 171, 109, 745),
    Known("locks/viperml/debian-11-2025-05-26/spack.lock", "lock", 6, 105, 105, 104, 104, 1, ("debian11",), ("x86_64",), 709, 1, 2, 9, 9, 2, 41, None, 567, 215, 147, 0, 169, 105, 709),
    Known("locks/all-pythons/2025-07-25a/spack.lock", "lock", 6, 38, 38, 31, 38, 1, ("ubuntu24.04",), ("x86_64_v3",), 311, 0, 0, 8, 8, 2, 5, None, 239, 192, 6, 0, 103, 38, 311),
    Known("locks/all-pythons/2025-07-25b/spack.lock", "lock", 6, 81, 81, 47, 62, 2, ("ubuntu22.04", "ubuntu24.04"), ("x86_64_v3",), 577, 0, 0, 9, 9, 4, 11, None, 422, 311, 18, 0, 197, 81, 577),
    Known("locks/julea/2025-11-26/spack.lock", "lock", 6, 105, 105, 105, 105, 1, ("fedora42",), ("skylake", "x86_64"), 736, 0, 0, 16, 16, 2, 27, None, 565, 280, 88, 0, 207, 105, 736),
    Known("locks/julea/2025-12-11/spack.lock", "lock", 6, 105, 105, 105, 105, 1, ("fedora42",), ("skylake", "x86_64"), 736, 0, 0, 16, 16, 2, 27, None, 565, 280, 88, 0, 207, 105, 736),
    Known("locks/julea/2025-12-19/spack.lock", "lock", 6, 101, 101, 101, 101, 1, ("fedora42",), ("skylake",), 690, 0, 0, 16, 16, 2, 25, None, 522, 269, 75, 0, 199, 101, 690),
    Known("locks/oktal/spack.lock", "lock", 6, 48, 48, 48, 48, 1, ("arch",), ("skylake", "x86_64"), 322, 0, 0, 2, 2, 2, 7, None, 230, 137, 14, 0, 111, 48, 322),
    Known("locks/gmgpolar/spack.lock", "lock", 6, 32, 32, 32, 32, 1, ("arch",), ("skylake", "x86_64"), 175, 0, 0, 3, 3, 2, 6, None, 121, 79, 4, 0, 70, 32, 175),
    Known("locks/phgasnets/spack.lock", "lock", 6, 98, 98, 97, 98, 1, ("linuxmint22",), ("skylake",), 665, 0, 0, 9, 9, 2, 26, None, 507, 243, 94, 0, 189, 98, 665),
    Known("locks/durrantlab/2025-05-26a/spack.lock", "lock", 5, 32, 32, 32, 32, 1, ("ubuntu20.04",), ("x86_64_v4",), 153, 0, 0, 1, 1, 1, 0, None, 86, 94, 10, 0, 43, 32, 153),
    Known("locks/durrantlab/2025-05-26b/spack.lock", "lock", 5, 34, 34, 32, 34, 1, ("ubuntu20.04",), ("x86_64_v4",), 179, 0, 0, 3, 3, 1, 0, None, 108, 108, 10, 0, 49, 34, 179),
    Known("locks/acts/spack-linux-ubuntu24.04-x86_64.lock", "lock", 5, 148, 148, 148, 148, 1, ("ubuntu24.04",), ("x86_64",), 897, 0, 0, 16, 16, 2, 0, None, 593, 489, 91, 0, 231, 148, 897),
    Known("locks/acts/spack-linux-almalinux9-x86_64.lock", "lock", 5, 148, 148, 148, 148, 1, ("almalinux9",), ("x86_64",), 897, 0, 0, 16, 16, 2, 0, None, 593, 489, 91, 0, 231, 148, 897),
    Known("locks/acts/spack-darwin-sonoma-aarch64-xcode16.0.0.lock", "lock", 5, 118, 118, 118, 118, 1, ("sonoma",), ("aarch64",), 503, 0, 0, 16, 16, 3, 0, None, 491, 146, 88, 0, 52, 118, 503),
    Known("locks/crayenv/spack.lock", "lock", 4, 138, 138, 58, 58, 5, ("sles15",), ("broadwell",), 228, 8, 16, 34, 34, 27, 0, None, 218, 170, 18, 0, 0, 138, 228),
    Known("locks/playground/spack.lock", "lock", 4, 29, 29, 29, 29, 1, ("ubuntu20.04",), ("cascadelake",), 44, 0, 0, 5, 5, 0, 0, None, 44, 21, 4, 0, 0, 29, 44),
    Known("locks/chronolog-ci/spack.lock", "lock", 3, 26, 26, 26, 26, 1, ("ubuntu20.04",), ("zen2",), 35, 0, 0, 3, 3, 0, 0, None, 35, 23, 0, 0, 0, 26, 35),
    Known("locks/spack-develop-env/spack.lock", "lock", 2, 68, 68, 67, 68, 1, ("rhel7",), ("x86_64",), 138, 0, 0, 9, 8, 3, 0, None, 136, 85, 42, 1, 0, 68, 138),
    Known("locks/spack-tutorial-env/2021-01-30/spack.lock", "lock", 2, 30, 27, 26, 27, 1, ("ubuntu20.10",), ("aarch64",), 49, 0, 0, 3, 3, 0, 0, None, 48, 35, 8, 1, 0, 27, 48),
    Known("locks/spack-tutorial-env/2021-02-19/spack.lock", "lock", 2, 26, 26, 26, 26, 1, ("ubuntu20.10",), ("aarch64",), 46, 0, 0, 3, 3, 0, 0, None, 46, 34, 8, 1, 0, 26, 46),
    Known("locks/legacy/v1.lock", "lock", 1, 12, 12, 12, 12, 1, ("macos",), ("x86_64",), 12, 0, 0, 2, 1, 0, 0, None, 9, 5, 3, 0, 0, 12, 12),
    Known("locks/legacy/v2.lock", "lock", 2, 14, 13, 12, 13, 1, ("macos",), ("skylake",), 16, 0, 0, 2, 1, 0, 0, None, 11, 6, 4, 0, 0, 13, 15),
    Known("locks/legacy/v3.lock", "lock", 3, 14, 13, 12, 13, 1, ("bigsur",), ("skylake",), 16, 0, 0, 2, 1, 0, 0, None, 11, 6, 4, 0, 0, 13, 15),
    Known("index/clingo-bootstrap/build_cache/index.json", "index", "5", 82, 82, 11, 17, 3, ("catalina", "centos6", "centos7", "rhel5"), ("aarch64", "ppc64le", "x86_64"), 75, 4, 22, 0, 0, 23, 0, 59, 71, 71, 27, 0, 0, 59, 75),
    Known("index/clingo-bootstrap/build_cache/linux-centos7-aarch64-gcc-9.3.1-gnupg-2.3.1-qpm457bujhmfqy66euzhswokumuvufbz.spec.yaml", "spec", 1, 10, 10, 10, 10, 1, ("centos7",), ("aarch64",), 14, 0, 0, 1, 1, 1, 0, None, 13, 12, 1, 0, 0, 1, 14),
    Known("index/clingo-bootstrap/build_cache/darwin-catalina-x86_64-apple-clang-12.0.0-gnupg-2.3.1-47vilwybwuxved7jov7esiad3qlkv5rp.spec.yaml", "spec", 1, 10, 10, 10, 10, 1, ("catalina",), ("x86_64",), 14, 0, 0, 1, 1, 1, 0, None, 13, 12, 1, 0, 0, 1, 14),
    Known("index/clingo-bootstrap/build_cache/linux-rhel5-x86_64-gcc-9.3.0-gnupg-2.3.1-dlapzqxrwduafgfq2evptizb7p4kgpkh.spec.yaml", "spec", 1, 10, 10, 10, 10, 1, ("rhel5",), ("x86_64",), 14, 0, 0, 1, 1, 1, 0, None, 13, 12, 1, 0, 0, 1, 14),
    Known("index/derecho-db/index.json.gz", "index", "7", 1254, 1254, 505, 577, 13, ("sles15",), ("x86_64_v3",), 5072, 143, 397, 0, 0, 70, 0, None, 4662, 2998, 377, 0, 1051, 1223, 5072),
    Known("index/becker33-db/index.json", "index", "0.9.2", 136, 136, 48, 49, 4, ("rhel6", "rhel7"), ("x86_64",), 153, 2, 8, 0, 0, 0, 0, None, 143, 139, 14, 0, 0, 136, 153),
    Known("index/spack-test-db-v8/index.json", "index", "8", 8, 8, 8, 8, 1, ("ubuntu20.04",), ("icelake",), 17, 0, 0, 0, 0, 2, 0, None, 5, 12, 1, 0, 9, 8, 17),
    Known("buildcache-v2/signed/build_cache/_pgp/index.json", "keys", "", 0, 0, 0, 0, 0, (), (), 0, 0, 0, 0, 0, 0, 0, None, 0, 0, 0, 0, 0, 0, 0),
    Known("buildcache-v2/signed/build_cache/index.json", "index", "8", 7, 7, 5, 5, 1, ("debian6",), ("aarch64", "core2", "m1"), 9, 0, 0, 0, 0, 1, 3, 6, 7, 4, 0, 0, 2, 6, 9),
    Known("buildcache-v2/signed/build_cache/index.json.hash", "digest", "", 0, 0, 0, 0, 0, (), (), 0, 0, 0, 0, 0, 0, 0, None, 0, 0, 0, 0, 0, 0, 0),
    Known("buildcache-v2/signed/build_cache/test-debian6-core2-gcc-10.2.1-libdwarf-20130729-sk2gqqz4n5njmvktycnd25wq25jxiqkr.spec.json.sig", "spec", 4, 2, 2, 2, 2, 1, ("debian6",), ("core2",), 1, 0, 0, 1, 1, 0, 0, None, 1, 1, 0, 0, 0, 1, 1),
    Known("buildcache-v2/signed/build_cache/test-debian6-core2-gcc-10.2.1-libelf-0.8.13-rqh2vuf6fqwkmipzgi2wjx352mq7y7ez.spec.json.sig", "spec", 4, 1, 1, 1, 1, 1, ("debian6",), ("core2",), 0, 0, 0, 1, 1, 0, 0, None, 0, 0, 0, 0, 0, 1, 0),
    Known("buildcache-v2/signed/build_cache/test-debian6-m1-gcc-10.2.1-libdwarf-20130729-u5uz3dcch5if4eve4sef67o2rf2lbfgh.spec.json.sig", "spec", 5, 5, 5, 5, 5, 1, ("debian6",), ("aarch64", "m1"), 8, 0, 0, 1, 1, 1, 3, None, 6, 3, 0, 0, 2, 1, 8),
    Known("buildcache-v2/signed/build_cache/test-debian6-m1-gcc-10.2.1-libelf-0.8.13-jr3yipyxyjulcdvckwwwjrrumis7glpa.spec.json.sig", "spec", 5, 4, 4, 4, 4, 1, ("debian6",), ("aarch64", "m1"), 4, 0, 0, 1, 1, 1, 3, None, 3, 1, 0, 0, 1, 1, 4),
    Known("buildcache-v2/signed/build_cache/test-debian6-m1-none-none-compiler-wrapper-1.0-qeehcxyvluwnihsc2qxstmpomtxo3lrc.spec.json.sig", "spec", 5, 1, 1, 1, 1, 0, ("debian6",), ("m1",), 0, 0, 0, 1, 1, 0, 1, None, 0, 0, 0, 0, 0, 1, 0),
    Known("buildcache-v2/signed/build_cache/test-debian6-m1-none-none-gcc-runtime-10.2.1-izgzpzeljwairalfjm3k6fntbb64nt6n.spec.json.sig", "spec", 5, 2, 2, 2, 2, 0, ("debian6",), ("aarch64", "m1"), 1, 0, 0, 1, 1, 1, 2, None, 1, 0, 0, 0, 0, 1, 1),
    Known("buildcache-v2/unsigned/build_cache/index.json", "index", "8", 7, 7, 5, 5, 1, ("debian6",), ("aarch64", "core2", "m1"), 9, 0, 0, 0, 0, 1, 3, 6, 7, 4, 0, 0, 2, 6, 9),
    Known("buildcache-v2/unsigned/build_cache/index.json.hash", "digest", "", 0, 0, 0, 0, 0, (), (), 0, 0, 0, 0, 0, 0, 0, None, 0, 0, 0, 0, 0, 0, 0),
    Known("buildcache-v2/unsigned/build_cache/test-debian6-core2-gcc-10.2.1-libdwarf-20130729-sk2gqqz4n5njmvktycnd25wq25jxiqkr.spec.json", "spec", 4, 2, 2, 2, 2, 1, ("debian6",), ("core2",), 1, 0, 0, 1, 1, 0, 0, None, 1, 1, 0, 0, 0, 1, 1),
    Known("buildcache-v2/unsigned/build_cache/test-debian6-core2-gcc-10.2.1-libelf-0.8.13-rqh2vuf6fqwkmipzgi2wjx352mq7y7ez.spec.json", "spec", 4, 1, 1, 1, 1, 1, ("debian6",), ("core2",), 0, 0, 0, 1, 1, 0, 0, None, 0, 0, 0, 0, 0, 1, 0),
    Known("buildcache-v2/unsigned/build_cache/test-debian6-m1-gcc-10.2.1-libdwarf-20130729-u5uz3dcch5if4eve4sef67o2rf2lbfgh.spec.json", "spec", 5, 5, 5, 5, 5, 1, ("debian6",), ("aarch64", "m1"), 8, 0, 0, 1, 1, 1, 3, None, 6, 3, 0, 0, 2, 1, 8),
    Known("buildcache-v2/unsigned/build_cache/test-debian6-m1-gcc-10.2.1-libelf-0.8.13-jr3yipyxyjulcdvckwwwjrrumis7glpa.spec.json", "spec", 5, 4, 4, 4, 4, 1, ("debian6",), ("aarch64", "m1"), 4, 0, 0, 1, 1, 1, 3, None, 3, 1, 0, 0, 1, 1, 4),
    Known("buildcache-v2/unsigned/build_cache/test-debian6-m1-none-none-compiler-wrapper-1.0-qeehcxyvluwnihsc2qxstmpomtxo3lrc.spec.json", "spec", 5, 1, 1, 1, 1, 0, ("debian6",), ("m1",), 0, 0, 0, 1, 1, 0, 1, None, 0, 0, 0, 0, 0, 1, 0),
    Known("buildcache-v2/unsigned/build_cache/test-debian6-m1-none-none-gcc-runtime-10.2.1-izgzpzeljwairalfjm3k6fntbb64nt6n.spec.json", "spec", 5, 2, 2, 2, 2, 0, ("debian6",), ("aarch64", "m1"), 1, 0, 0, 1, 1, 1, 2, None, 1, 0, 0, 0, 0, 1, 1),
    Known("specfiles/zlib-signed.spec.json.sig", "spec", 2, 1, 1, 1, 1, 1, ("ubuntu18.04",), ("haswell",), 0, 0, 0, 1, 1, 0, 0, None, 0, 0, 0, 0, 0, 1, 0),
    Known("specfiles/zlib-legacy.spec.yaml", "spec", 1, 1, 1, 1, 1, 1, ("debian6",), ("core2",), 0, 0, 0, 1, 1, 0, 0, None, 0, 0, 0, 0, 0, 1, 0),
    Known("specfiles/hdf5.v013.json", "spec", 1, 20, 20, 20, 20, 1, ("ubuntu20.04",), ("skylake_avx512",), 30, 0, 0, 1, 1, 0, 0, None, 30, 15, 3, 0, 0, 1, 30),
    Known("specfiles/hdf5.v016.json", "spec", 1, 21, 21, 21, 21, 1, ("ubuntu20.04",), ("icelake",), 32, 0, 0, 1, 1, 0, 0, None, 32, 16, 3, 0, 0, 1, 32),
    Known("specfiles/hdf5.v017.json", "spec", 2, 28, 28, 28, 28, 1, ("ubuntu20.04",), ("icelake",), 52, 0, 0, 1, 1, 0, 0, None, 50, 29, 5, 0, 0, 1, 52),
    Known("specfiles/hdf5.v019.json", "spec", 3, 36, 36, 36, 36, 1, ("ubuntu20.04",), ("icelake",), 76, 0, 0, 1, 1, 0, 0, None, 70, 42, 11, 0, 0, 1, 76),
    Known("specfiles/hdf5.v020.json", "spec", 4, 37, 37, 37, 37, 1, ("ubuntu20.04",), ("icelake",), 78, 0, 0, 1, 1, 0, 0, None, 71, 43, 11, 0, 12, 1, 78),
    Known("spack-real/lockfiles/bcA/spack.lock", "lock", 6, 25, 25, 25, 25, 1, ("debian12",), ("x86_64_v3",), 130, 0, 0, 4, 4, 2, 5, None, 88, 60, 2, 0, 53, 25, 130),
    Known("spack-real/lockfiles/bcB/spack.lock", "lock", 6, 25, 25, 25, 25, 1, ("debian12",), ("x86_64_v3",), 130, 0, 0, 5, 5, 2, 5, None, 88, 60, 2, 0, 53, 25, 130),
    Known("spack-real/lockfiles/build_systems/spack.lock", "lock", 6, 74, 74, 71, 72, 1, ("debian12",), ("x86_64_v3",), 470, 1, 2, 9, 9, 2, 11, None, 337, 216, 24, 0, 163, 74, 470),
    Known("spack-real/lockfiles/build_systems-reuse/spack.lock", "lock", 6, 76, 76, 71, 73, 1, ("debian12",), ("x86_64_v3",), 495, 1, 2, 9, 9, 2, 11, None, 358, 233, 24, 0, 171, 76, 495),
    Known("spack-real/lockfiles/build_systems-ubuntu22.04/spack.lock", "lock", 6, 74, 74, 71, 72, 1, ("ubuntu22.04",), ("x86_64_v3",), 470, 1, 2, 9, 9, 2, 11, None, 337, 216, 24, 0, 163, 74, 470),
    Known("spack-real/lockfiles/build_systems-ubuntu24.04/spack.lock", "lock", 6, 74, 74, 71, 72, 1, ("ubuntu24.04",), ("x86_64_v3",), 470, 1, 2, 9, 9, 2, 11, None, 337, 216, 24, 0, 163, 74, 470),
    Known("spack-real/lockfiles/developer-tools/spack.lock", "lock", 6, 204, 204, 204, 204, 1, ("debian12",), ("x86_64_v3",), 1431, 0, 0, 61, 60, 2, 58, None, 1106, 495, 193, 0, 379, 204, 1431),
    Known("spack-real/lockfiles/radiuss/spack.lock", "lock", 7, 164, 164, 124, 128, 1, ("debian12",), ("x86_64_v3",), 1266, 27, 54, 16, 15, 2, 17, None, 939, 578, 62, 0, 427, 164, 1266),
    Known("spack-real/lockfiles/tools-sdk/spack.lock", "lock", 6, 92, 92, 92, 92, 1, ("debian12",), ("x86_64_v3",), 628, 0, 0, 6, 6, 2, 16, None, 454, 284, 34, 0, 209, 92, 628),
    Known("spack-real/buildcache", "index", "8", 28, 28, 26, 26, 1, ("debian12",), ("x86_64_v3",), 149, 1, 2, 0, 0, 2, 5, 26, 101, 69, 2, 0, 62, 26, 149),
    Known("spack-real/buildcache/v3/manifests/index/view-bcA/index.manifest.json", "index", "8", 25, 25, 25, 25, 1, ("debian12",), ("x86_64_v3",), 130, 0, 0, 0, 0, 2, 5, 23, 88, 60, 2, 0, 53, 23, 130),
    Known("spack-real/buildcache/v3/manifests/index/view-bcB/index.manifest.json", "index", "8", 25, 25, 25, 25, 1, ("debian12",), ("x86_64_v3",), 130, 0, 0, 0, 0, 2, 5, 23, 88, 60, 2, 0, 53, 23, 130),
    Known("spack-real/buildcache-4views", "index", "8", 357, 357, 288, 296, 1, ("debian12",), ("x86_64_v3",), 2725, 39, 84, 0, 0, 2, 73, 355, 2086, 1111, 255, 0, 806, 355, 2725),
    Known("spack-real/buildcache-4views/v3/manifests/index/build_systems/index.manifest.json", "index", "8", 74, 74, 71, 72, 1, ("debian12",), ("x86_64_v3",), 470, 1, 2, 0, 0, 2, 11, 72, 337, 216, 24, 0, 163, 72, 470),
    Known("spack-real/buildcache-4views/v3/manifests/index/developer-tools/index.manifest.json", "index", "8", 204, 204, 204, 204, 1, ("debian12",), ("x86_64_v3",), 1431, 0, 0, 0, 0, 2, 58, 202, 1106, 495, 193, 0, 379, 202, 1431),
    Known("spack-real/buildcache-4views/v3/manifests/index/radiuss/index.manifest.json", "index", "8", 164, 164, 124, 128, 1, ("debian12",), ("x86_64_v3",), 1266, 27, 54, 0, 0, 2, 17, 162, 939, 578, 62, 0, 427, 162, 1266),
    Known("spack-real/buildcache-4views/v3/manifests/index/tools-sdk/index.manifest.json", "index", "8", 92, 92, 92, 92, 1, ("debian12",), ("x86_64_v3",), 628, 0, 0, 0, 0, 2, 16, 90, 454, 284, 34, 0, 209, 90, 628),
    Known("spack-real/spack-json/find.json", "find", 5, 28, 28, 26, 26, 1, ("debian12",), ("x86_64_v3",), 149, 1, 2, 0, 0, 2, 5, None, 101, 69, 2, 0, 62, 28, 149),
    Known("spack-real/spack-json/find-bcA.json", "find", 5, 25, 25, 25, 25, 1, ("debian12",), ("x86_64_v3",), 130, 0, 0, 0, 0, 2, 5, None, 88, 60, 2, 0, 53, 25, 130),
    Known("spack-real/spack-json/spec-libxml2.json", "spec", 5, 10, 10, 10, 10, 1, ("debian12",), ("x86_64_v3",), 35, 0, 0, 1, 1, 2, 4, None, 22, 16, 0, 0, 16, 1, 35),
    Known("spack-real/spack-json/db-index.json", "index", "8", 28, 28, 26, 26, 1, ("debian12",), ("x86_64_v3",), 149, 1, 2, 0, 0, 2, 5, None, 101, 69, 2, 0, 62, 28, 149),
]

PAIRS = [
    Pair("locks/e4s-24.11/amd64-gcc-cpu-ubuntu22.04/spack.lock.gz", "locks/e4s-24.11/amd64-gcc-cuda-ubuntu22.04/spack.lock.gz", 257, 1045, 412, 296, 276, None),
    Pair("locks/e4s-24.11/amd64-gcc-cpu-ubuntu22.04/spack.lock.gz", "locks/e4s-24.11/amd64-gcc-rocm-ubuntu22.04/spack.lock.gz", 169, 1045, 320, 223, 218, None),
    Pair("locks/e4s-24.11/amd64-gcc-cuda-ubuntu22.04/spack.lock.gz", "locks/e4s-24.11/amd64-gcc-rocm-ubuntu22.04/spack.lock.gz", 151, 412, 320, 220, 215, None),
    Pair("locks/e4s-24.11/amd64-gcc-cpu-ubuntu22.04/spack.lock.gz", "locks/e4s-24.11/amd64-oneapi-ubuntu22.04/spack.lock.gz", 0, 1045, 844, 614, 576, None),
    Pair("locks/e4s-24.02/amd64-gcc-cuda-ubuntu20.04/spack.lock.gz", "locks/e4s-24.02/amd64-gcc-rocm-ubuntu20.04/spack.lock.gz", 184, 391, 295, 221, 216, None),
    Pair("locks/e4s-23.05/cuda-x86_64/spack.lock.gz", "locks/e4s-23.05/oneapi-x86_64/spack.lock.gz", 3, 785, 328, 289, 283, None),
    Pair("locks/ncar/derecho-23.04-2023-04-27/spack.lock.gz", "locks/ncar/gust-23.04-2023-07-19/spack.lock.gz", 326, 350, 413, 220, 210, None),
    Pair("locks/ncar/derecho-23.09-2023-08-31/spack.lock.gz", "locks/ncar/derecho-23.09-2024-01-23/spack.lock.gz", 413, 430, 664, 349, 342, None),
    Pair("locks/ncar/derecho-23.09-2024-01-23/spack.lock.gz", "locks/ncar/derecho-23.09-2024-10-22/spack.lock.gz", 642, 664, 1238, 424, 411, None),
    Pair("locks/ncar/derecho-23.09-2024-10-22/spack.lock.gz", "locks/ncar/gust-23.09-2024-03-25/spack.lock.gz", 22, 1238, 512, 347, 384, None),
    Pair("locks/ncar/derecho-23.09-2024-10-22/spack.lock.gz", "index/derecho-db/index.json.gz", 1233, 1238, 1254, 562, 495, None),
    Pair("locks/viperml/debian-11-2025-06-03/spack.lock", "locks/viperml/rhel-8-2025-06-03/spack.lock", 0, 126, 126, 123, 126, None),
    Pair("locks/viperml/debian-11-2025-05-28/spack.lock", "locks/viperml/debian-11-2025-06-03/spack.lock", 107, 109, 126, 108, 109, None),
    Pair("locks/all-pythons/2025-07-25a/spack.lock", "locks/all-pythons/2025-07-25b/spack.lock", 38, 38, 81, 38, 31, None),
    Pair("locks/julea/2025-11-26/spack.lock", "locks/julea/2025-12-11/spack.lock", 105, 105, 105, 105, 105, None),
    Pair("locks/oktal/spack.lock", "locks/gmgpolar/spack.lock", 25, 48, 32, 25, 25, None),
    Pair("locks/durrantlab/2025-05-26a/spack.lock", "locks/durrantlab/2025-05-26b/spack.lock", 32, 32, 34, 32, 32, None),
    Pair("locks/spack-tutorial-env/2021-01-30/spack.lock", "locks/spack-tutorial-env/2021-02-19/spack.lock", 20, 27, 26, 24, 26, None),
    Pair("buildcache-v2/signed/build_cache/index.json", "buildcache-v2/unsigned/build_cache/index.json", 7, 7, 7, 5, 5, None),
    Pair("spack-real/lockfiles/bcA/spack.lock", "spack-real/lockfiles/bcB/spack.lock", 22, 25, 25, None, 24, 1),
    Pair("spack-real/lockfiles/bcA/spack.lock", "spack-real/lockfiles/build_systems/spack.lock", 24, 25, 74, None, 24, 0),
    Pair("spack-real/lockfiles/bcA/spack.lock", "spack-real/lockfiles/build_systems-reuse/spack.lock", 24, 25, 76, None, 24, 0),
    Pair("spack-real/lockfiles/bcA/spack.lock", "spack-real/lockfiles/build_systems-ubuntu22.04/spack.lock", 0, 25, 74, None, 24, 0),
    Pair("spack-real/lockfiles/bcA/spack.lock", "spack-real/lockfiles/build_systems-ubuntu24.04/spack.lock", 0, 25, 74, None, 24, 0),
    Pair("spack-real/lockfiles/bcA/spack.lock", "spack-real/lockfiles/developer-tools/spack.lock", 20, 25, 204, None, 24, 3),
    Pair("spack-real/lockfiles/bcA/spack.lock", "spack-real/lockfiles/radiuss/spack.lock", 24, 25, 164, None, 24, 0),
    Pair("spack-real/lockfiles/bcA/spack.lock", "spack-real/lockfiles/tools-sdk/spack.lock", 23, 25, 92, None, 24, 0),
    Pair("spack-real/lockfiles/bcB/spack.lock", "spack-real/lockfiles/build_systems/spack.lock", 21, 25, 74, None, 24, 1),
    Pair("spack-real/lockfiles/bcB/spack.lock", "spack-real/lockfiles/build_systems-reuse/spack.lock", 21, 25, 76, None, 24, 1),
    Pair("spack-real/lockfiles/bcB/spack.lock", "spack-real/lockfiles/build_systems-ubuntu22.04/spack.lock", 0, 25, 74, None, 24, 0),
    Pair("spack-real/lockfiles/bcB/spack.lock", "spack-real/lockfiles/build_systems-ubuntu24.04/spack.lock", 0, 25, 74, None, 24, 0),
    Pair("spack-real/lockfiles/bcB/spack.lock", "spack-real/lockfiles/developer-tools/spack.lock", 17, 25, 204, None, 24, 4),
    Pair("spack-real/lockfiles/bcB/spack.lock", "spack-real/lockfiles/radiuss/spack.lock", 21, 25, 164, None, 24, 2),
    Pair("spack-real/lockfiles/bcB/spack.lock", "spack-real/lockfiles/tools-sdk/spack.lock", 20, 25, 92, None, 24, 1),
    Pair("spack-real/lockfiles/build_systems/spack.lock", "spack-real/lockfiles/build_systems-reuse/spack.lock", 71, 74, 76, None, 71, 3),
    Pair("spack-real/lockfiles/build_systems/spack.lock", "spack-real/lockfiles/build_systems-ubuntu22.04/spack.lock", 0, 74, 74, None, 71, 0),
    Pair("spack-real/lockfiles/build_systems/spack.lock", "spack-real/lockfiles/build_systems-ubuntu24.04/spack.lock", 0, 74, 74, None, 71, 0),
    Pair("spack-real/lockfiles/build_systems/spack.lock", "spack-real/lockfiles/developer-tools/spack.lock", 50, 74, 204, None, 59, 8),
    Pair("spack-real/lockfiles/build_systems/spack.lock", "spack-real/lockfiles/radiuss/spack.lock", 56, 74, 164, None, 56, 1),
    Pair("spack-real/lockfiles/build_systems/spack.lock", "spack-real/lockfiles/tools-sdk/spack.lock", 50, 74, 92, None, 51, 0),
    Pair("spack-real/lockfiles/build_systems-reuse/spack.lock", "spack-real/lockfiles/build_systems-ubuntu22.04/spack.lock", 0, 76, 74, None, 71, 0),
    Pair("spack-real/lockfiles/build_systems-reuse/spack.lock", "spack-real/lockfiles/build_systems-ubuntu24.04/spack.lock", 0, 76, 74, None, 71, 0),
    Pair("spack-real/lockfiles/build_systems-reuse/spack.lock", "spack-real/lockfiles/developer-tools/spack.lock", 55, 76, 204, None, 59, 5),
    Pair("spack-real/lockfiles/build_systems-reuse/spack.lock", "spack-real/lockfiles/radiuss/spack.lock", 53, 76, 164, None, 56, 4),
    Pair("spack-real/lockfiles/build_systems-reuse/spack.lock", "spack-real/lockfiles/tools-sdk/spack.lock", 47, 76, 92, None, 51, 3),
    Pair("spack-real/lockfiles/build_systems-ubuntu22.04/spack.lock", "spack-real/lockfiles/build_systems-ubuntu24.04/spack.lock", 0, 74, 74, None, 71, 0),
    Pair("spack-real/lockfiles/build_systems-ubuntu22.04/spack.lock", "spack-real/lockfiles/developer-tools/spack.lock", 0, 74, 204, None, 59, 0),
    Pair("spack-real/lockfiles/build_systems-ubuntu22.04/spack.lock", "spack-real/lockfiles/radiuss/spack.lock", 0, 74, 164, None, 56, 0),
    Pair("spack-real/lockfiles/build_systems-ubuntu22.04/spack.lock", "spack-real/lockfiles/tools-sdk/spack.lock", 0, 74, 92, None, 51, 0),
    Pair("spack-real/lockfiles/build_systems-ubuntu24.04/spack.lock", "spack-real/lockfiles/developer-tools/spack.lock", 0, 74, 204, None, 59, 0),
    Pair("spack-real/lockfiles/build_systems-ubuntu24.04/spack.lock", "spack-real/lockfiles/radiuss/spack.lock", 0, 74, 164, None, 56, 0),
    Pair("spack-real/lockfiles/build_systems-ubuntu24.04/spack.lock", "spack-real/lockfiles/tools-sdk/spack.lock", 0, 74, 92, None, 51, 0),
    Pair("spack-real/lockfiles/developer-tools/spack.lock", "spack-real/lockfiles/radiuss/spack.lock", 50, 204, 164, None, 69, 20),
    Pair("spack-real/lockfiles/developer-tools/spack.lock", "spack-real/lockfiles/tools-sdk/spack.lock", 48, 204, 92, None, 66, 12),
    Pair("spack-real/lockfiles/radiuss/spack.lock", "spack-real/lockfiles/tools-sdk/spack.lock", 63, 164, 92, None, 66, 0),
]

LOOK_ALIKES = [
    LookAlike("locks/e4s-24.11/amd64-gcc-cuda-ubuntu22.04/spack.lock.gz", "autoconf", "2.72", "af5lko7", "nkhzyv4", (("autoconf > perl > zlib-ng", "variant new_strategies off / on"),)),
    LookAlike("locks/ncar/derecho-23.09-2024-10-22/spack.lock.gz", "fftw", "3.3.10", "b2p6c2x", "ofyaedz", (("fftw", "mpi comes from cray-mpich / openmpi"),)),
    LookAlike("locks/ncar/derecho-23.09-2024-10-22/spack.lock.gz", "cp2k", "2023.2", "cpnpvjk", "ycncaxi", (("cp2k > cray-mpich", "external version and path, 8.1.25 / 8.1.27"),)),
    LookAlike("locks/ncar/derecho-23.09-2024-10-22/spack.lock.gz", "esmf", "8.6.0", "juycfrg", "wjznvxm", (("esmf", "package_hash, and a gmake dependency more"), ("esmf > parallelio > mpi-serial", "version 2.3.0 / 2.5.0"))),
]

CONFLICTS = [
    Conflict("locks/julea/2025-11-26/spack.lock", "locks/julea/2025-12-11/spack.lock", 105, {"arch": 103}, {}),
    Conflict("index/clingo-bootstrap/build_cache/index.json", "index/clingo-bootstrap/build_cache/linux-centos7-aarch64-gcc-9.3.1-gnupg-2.3.1-qpm457bujhmfqy66euzhswokumuvufbz.spec.yaml", 9, {"build_hash": 9, "dependencies": 1, "package_hash": 9}, {"deps": 1}),
    Conflict("index/clingo-bootstrap/build_cache/index.json", "index/clingo-bootstrap/build_cache/darwin-catalina-x86_64-apple-clang-12.0.0-gnupg-2.3.1-47vilwybwuxved7jov7esiad3qlkv5rp.spec.yaml", 9, {"build_hash": 9, "dependencies": 1, "package_hash": 9}, {"deps": 1}),
    Conflict("index/clingo-bootstrap/build_cache/index.json", "index/clingo-bootstrap/build_cache/linux-rhel5-x86_64-gcc-9.3.0-gnupg-2.3.1-dlapzqxrwduafgfq2evptizb7p4kgpkh.spec.yaml", 9, {"build_hash": 9, "dependencies": 1, "package_hash": 9}, {"deps": 1}),
    Conflict("buildcache-v2/unsigned/build_cache/index.json", "buildcache-v2/unsigned/build_cache/test-debian6-core2-gcc-10.2.1-libdwarf-20130729-sk2gqqz4n5njmvktycnd25wq25jxiqkr.spec.json", 2, {"annotations": 2, "compiler": 2}, {}),
    Conflict("buildcache-v2/unsigned/build_cache/index.json", "buildcache-v2/unsigned/build_cache/test-debian6-core2-gcc-10.2.1-libelf-0.8.13-rqh2vuf6fqwkmipzgi2wjx352mq7y7ez.spec.json", 1, {"annotations": 1, "compiler": 1}, {}),
]

VERIFIED = {
    "locks/e4s-24.11/amd64-gcc-cpu-ubuntu22.04/spack.lock.gz": Verified(1045, 1045, 0, 0),
    "locks/e4s-24.11/amd64-gcc-cuda-ubuntu22.04/spack.lock.gz": Verified(412, 412, 0, 0),
    "locks/e4s-24.11/amd64-gcc-rocm-ubuntu22.04/spack.lock.gz": Verified(320, 320, 0, 0),
    "locks/e4s-24.11/amd64-oneapi-ubuntu22.04/spack.lock.gz": Verified(844, 844, 0, 0),
    "locks/e4s-24.02/amd64-gcc-cuda-ubuntu20.04/spack.lock.gz": Verified(391, 391, 0, 0),
    "locks/e4s-24.02/amd64-gcc-rocm-ubuntu20.04/spack.lock.gz": Verified(295, 295, 0, 0),
    "locks/e4s-23.05/cuda-x86_64/spack.lock.gz": Verified(785, 785, 0, 0),
    "locks/e4s-23.05/oneapi-x86_64/spack.lock.gz": Verified(328, 328, 0, 0),
    "locks/ncar/derecho-23.04-2023-04-27/spack.lock.gz": Verified(350, 350, 0, 0),
    "locks/ncar/gust-23.04-2023-07-19/spack.lock.gz": Verified(413, 413, 0, 0),
    "locks/ncar/derecho-23.09-2023-08-31/spack.lock.gz": Verified(430, 430, 0, 0),
    "locks/ncar/derecho-23.09-2024-01-23/spack.lock.gz": Verified(664, 664, 0, 0),
    "locks/ncar/derecho-23.09-2024-10-22/spack.lock.gz": Verified(1238, 1238, 0, 0),
    "locks/ncar/gust-23.09-2024-03-25/spack.lock.gz": Verified(512, 512, 0, 0),
    "locks/ncar/gust-22.08-2022-08-25/spack.lock.gz": Verified(278, 278, 0, 0),
    "locks/viperml/debian-11-2025-06-03/spack.lock": Verified(126, 126, 0, 0),
    "locks/viperml/rhel-8-2025-06-03/spack.lock": Verified(126, 126, 0, 0),
    "locks/viperml/debian-11-2025-05-28/spack.lock": Verified(109, 109, 0, 0),
    "locks/viperml/debian-11-2025-05-26/spack.lock": Verified(105, 105, 0, 0),
    "locks/all-pythons/2025-07-25a/spack.lock": Verified(38, 38, 0, 0),
    "locks/all-pythons/2025-07-25b/spack.lock": Verified(81, 81, 0, 0),
    "locks/julea/2025-11-26/spack.lock": Verified(105, 103, 0, 2),
    "locks/julea/2025-12-11/spack.lock": Verified(105, 0, 0, 2),
    "locks/julea/2025-12-19/spack.lock": Verified(101, 101, 0, 0),
    "locks/oktal/spack.lock": Verified(48, 46, 0, 2),
    "locks/gmgpolar/spack.lock": Verified(32, 30, 0, 2),
    "locks/phgasnets/spack.lock": Verified(98, 98, 0, 0),
    "locks/durrantlab/2025-05-26a/spack.lock": Verified(32, 32, 0, 0),
    "locks/durrantlab/2025-05-26b/spack.lock": Verified(34, 34, 0, 0),
    "locks/acts/spack-linux-ubuntu24.04-x86_64.lock": Verified(148, 148, 0, 0),
    "locks/acts/spack-linux-almalinux9-x86_64.lock": Verified(148, 148, 0, 0),
    "locks/acts/spack-darwin-sonoma-aarch64-xcode16.0.0.lock": Verified(118, 118, 0, 0),
    "locks/crayenv/spack.lock": Verified(138, 138, 0, 0),
    "locks/playground/spack.lock": Verified(29, 29, 0, 0),
    "locks/chronolog-ci/spack.lock": Verified(26, 26, 0, 0),
    "locks/spack-develop-env/spack.lock": Verified(68, 66, 0, 0),
    "locks/spack-tutorial-env/2021-01-30/spack.lock": Verified(27, 27, 0, 0),
    "locks/spack-tutorial-env/2021-02-19/spack.lock": Verified(26, 26, 0, 0),
    "locks/legacy/v1.lock": Verified(12, 0, 0, 12),
    "locks/legacy/v2.lock": Verified(13, 0, 0, 13),
    "locks/legacy/v3.lock": Verified(13, 0, 0, 13),
    "index/clingo-bootstrap/build_cache/index.json": Verified(82, 59, 0, 0),
    "index/clingo-bootstrap/build_cache/linux-centos7-aarch64-gcc-9.3.1-gnupg-2.3.1-qpm457bujhmfqy66euzhswokumuvufbz.spec.yaml": Verified(10, 9, 0, 0),
    "index/clingo-bootstrap/build_cache/darwin-catalina-x86_64-apple-clang-12.0.0-gnupg-2.3.1-47vilwybwuxved7jov7esiad3qlkv5rp.spec.yaml": Verified(10, 9, 0, 0),
    "index/clingo-bootstrap/build_cache/linux-rhel5-x86_64-gcc-9.3.0-gnupg-2.3.1-dlapzqxrwduafgfq2evptizb7p4kgpkh.spec.yaml": Verified(10, 9, 0, 0),
    "index/derecho-db/index.json.gz": Verified(1254, 1254, 0, 0),
    "index/becker33-db/index.json": Verified(136, 136, 0, 0),
    "index/spack-test-db-v8/index.json": Verified(8, 0, 0, 8),
    "buildcache-v2/signed/build_cache/index.json": Verified(7, 0, 0, 7),
    "buildcache-v2/signed/build_cache/test-debian6-core2-gcc-10.2.1-libdwarf-20130729-sk2gqqz4n5njmvktycnd25wq25jxiqkr.spec.json.sig": Verified(2, 0, 0, 2),
    "buildcache-v2/signed/build_cache/test-debian6-core2-gcc-10.2.1-libelf-0.8.13-rqh2vuf6fqwkmipzgi2wjx352mq7y7ez.spec.json.sig": Verified(1, 0, 0, 1),
    "buildcache-v2/signed/build_cache/test-debian6-m1-gcc-10.2.1-libdwarf-20130729-u5uz3dcch5if4eve4sef67o2rf2lbfgh.spec.json.sig": Verified(5, 0, 0, 5),
    "buildcache-v2/signed/build_cache/test-debian6-m1-gcc-10.2.1-libelf-0.8.13-jr3yipyxyjulcdvckwwwjrrumis7glpa.spec.json.sig": Verified(4, 0, 0, 4),
    "buildcache-v2/signed/build_cache/test-debian6-m1-none-none-compiler-wrapper-1.0-qeehcxyvluwnihsc2qxstmpomtxo3lrc.spec.json.sig": Verified(1, 0, 0, 1),
    "buildcache-v2/signed/build_cache/test-debian6-m1-none-none-gcc-runtime-10.2.1-izgzpzeljwairalfjm3k6fntbb64nt6n.spec.json.sig": Verified(2, 0, 0, 2),
    "buildcache-v2/unsigned/build_cache/index.json": Verified(7, 0, 0, 7),
    "buildcache-v2/unsigned/build_cache/test-debian6-core2-gcc-10.2.1-libdwarf-20130729-sk2gqqz4n5njmvktycnd25wq25jxiqkr.spec.json": Verified(2, 0, 0, 2),
    "buildcache-v2/unsigned/build_cache/test-debian6-core2-gcc-10.2.1-libelf-0.8.13-rqh2vuf6fqwkmipzgi2wjx352mq7y7ez.spec.json": Verified(1, 0, 0, 1),
    "buildcache-v2/unsigned/build_cache/test-debian6-m1-gcc-10.2.1-libdwarf-20130729-u5uz3dcch5if4eve4sef67o2rf2lbfgh.spec.json": Verified(5, 0, 0, 5),
    "buildcache-v2/unsigned/build_cache/test-debian6-m1-gcc-10.2.1-libelf-0.8.13-jr3yipyxyjulcdvckwwwjrrumis7glpa.spec.json": Verified(4, 0, 0, 4),
    "buildcache-v2/unsigned/build_cache/test-debian6-m1-none-none-compiler-wrapper-1.0-qeehcxyvluwnihsc2qxstmpomtxo3lrc.spec.json": Verified(1, 0, 0, 1),
    "buildcache-v2/unsigned/build_cache/test-debian6-m1-none-none-gcc-runtime-10.2.1-izgzpzeljwairalfjm3k6fntbb64nt6n.spec.json": Verified(2, 0, 0, 2),
    "specfiles/zlib-signed.spec.json.sig": Verified(1, 1, 0, 0),
    "specfiles/zlib-legacy.spec.yaml": Verified(1, 0, 0, 0),
    "specfiles/hdf5.v013.json": Verified(20, 20, 0, 0),
    "specfiles/hdf5.v016.json": Verified(21, 21, 0, 0),
    "specfiles/hdf5.v017.json": Verified(28, 28, 0, 0),
    "specfiles/hdf5.v019.json": Verified(36, 36, 0, 0),
    "specfiles/hdf5.v020.json": Verified(37, 0, 37, 0),
    "spack-real/lockfiles/bcA/spack.lock": Verified(25, 25, 0, 0),
    "spack-real/lockfiles/bcB/spack.lock": Verified(25, 25, 0, 0),
    "spack-real/lockfiles/build_systems/spack.lock": Verified(74, 74, 0, 0),
    "spack-real/lockfiles/build_systems-reuse/spack.lock": Verified(76, 76, 0, 0),
    "spack-real/lockfiles/build_systems-ubuntu22.04/spack.lock": Verified(74, 74, 0, 0),
    "spack-real/lockfiles/build_systems-ubuntu24.04/spack.lock": Verified(74, 74, 0, 0),
    "spack-real/lockfiles/developer-tools/spack.lock": Verified(204, 204, 0, 0),
    "spack-real/lockfiles/radiuss/spack.lock": Verified(164, 164, 0, 0),
    "spack-real/lockfiles/tools-sdk/spack.lock": Verified(92, 92, 0, 0),
    "spack-real/buildcache": Verified(28, 28, 0, 0),
    "spack-real/buildcache/v3/manifests/index/view-bcA/index.manifest.json": Verified(25, 25, 0, 0),
    "spack-real/buildcache/v3/manifests/index/view-bcB/index.manifest.json": Verified(25, 25, 0, 0),
    "spack-real/buildcache-4views": Verified(357, 357, 0, 0),
    "spack-real/buildcache-4views/v3/manifests/index/build_systems/index.manifest.json": Verified(74, 74, 0, 0),
    "spack-real/buildcache-4views/v3/manifests/index/developer-tools/index.manifest.json": Verified(204, 204, 0, 0),
    "spack-real/buildcache-4views/v3/manifests/index/radiuss/index.manifest.json": Verified(164, 164, 0, 0),
    "spack-real/buildcache-4views/v3/manifests/index/tools-sdk/index.manifest.json": Verified(92, 92, 0, 0),
    "spack-real/spack-json/find.json": Verified(28, 28, 0, 0),
    "spack-real/spack-json/find-bcA.json": Verified(25, 25, 0, 0),
    "spack-real/spack-json/spec-libxml2.json": Verified(10, 10, 0, 0),
    "spack-real/spack-json/db-index.json": Verified(28, 28, 0, 0),
}
# fmt: on
