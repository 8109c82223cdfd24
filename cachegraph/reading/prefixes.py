"""The spec files that Spack leaves where it installs: in the ``.spack`` of a prefix or a view."""

from pathlib import Path

METADATA = ".spack"
# Until Spack 0.16 the file was YAML.
_SPEC_FILES = ("spec.json", "spec.yaml")


def spec_of_prefix(folder: Path) -> Path | None:
    """The spec file of an install prefix; None if the folder is something else."""
    return _first_spec_file(folder / METADATA)


def specs_of_view(folder: Path) -> list[Path]:
    """The spec files of the packages that a view links together; empty for any other folder."""
    try:
        packages = sorted((folder / METADATA).iterdir())
    except OSError:
        return []
    return [path for path in map(_first_spec_file, packages) if path]


def _first_spec_file(folder: Path) -> Path | None:
    return next((path for name in _SPEC_FILES if (path := folder / name).is_file()), None)
