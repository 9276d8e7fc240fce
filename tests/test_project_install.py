"""What an installation carries, and that what it needs is pinned."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import tribometer

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
REGISTRIES = ["py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "deb." + "debian.org"]


def named_requirements(*extras: str) -> list[Requirement]:
    """Return what pyproject.toml names for running the application with `extras`."""
    optional = PYPROJECT["project"]["optional-dependencies"]
    lines = [*PYPROJECT["project"]["dependencies"], *(line for extra in extras for line in optional[extra])]
    return [Requirement(line) for line in lines]


def all_requirements() -> list[Requirement]:
    """Return everything pyproject.toml names, for building and testing too."""
    build = [Requirement(line) for line in PYPROJECT["build-system"]["requires"]]
    return build + named_requirements(*PYPROJECT["project"]["optional-dependencies"])


def pins() -> dict[str, str]:
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    return {canonicalize_name(name): version for name, _, version in (line.partition("==") for line in lines)}


def needed(requirement: Requirement, seen: set[tuple[str, str]]) -> Iterator[str]:
    """Yield the names of what `requirement` brings along here; what is not installed brings nothing."""
    for extra in ["", *sorted(requirement.extras)]:
        if (key := (canonicalize_name(requirement.name), extra)) in seen:
            continue
        seen.add(key)
        yield key[0]
        for line in _requires(requirement.name):
            if not (child := Requirement(line)).marker or child.marker.evaluate({"extra": extra}):
                yield from needed(child, seen)


def _requires(name: str) -> list[str]:
    try:
        return metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return []


def imported() -> set[str]:
    """Return the top-level names that the packages import, anywhere in a module."""
    sources = (path.read_text() for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    nodes = [node for source in sources for node in ast.walk(ast.parse(source))]
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    dotted = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    return {name.partition(".")[0] for name in plain | dotted}


@pytest.fixture
def wheel(tmp_path: Path) -> set[str]:
    """Return the names of the files in a wheel built from this tree, without a network."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    [path] = tmp_path.glob("*.whl")
    with ZipFile(path) as archive:
        return set(archive.namelist())


def test_the_wheel_carries_every_file_of_the_packages_and_no_other(wheel: set[str]) -> None:
    files = {path.relative_to(ROOT) for package in PACKAGES for path in (ROOT / package).rglob("*") if path.is_file()}
    expected = {path.as_posix() for path in files if "__pycache__" not in path.parts}
    assert {name for name in wheel if ".dist-info/" not in name} == expected


def test_every_package_says_that_it_is_typed(wheel: set[str]) -> None:
    assert {f"{package}/py.typed" for package in PACKAGES} <= wheel


@pytest.mark.parametrize("name", PACKAGES)
def test_no_other_distribution_owns_a_package_of_ours(name: str) -> None:
    assert set(metadata.packages_distributions().get(name, [])) <= {"tribometer"}


def test_the_version_stands_in_one_place() -> None:
    sources = [ROOT / "pyproject.toml", *(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))]
    holders = [path for path in sources if f'"{tribometer.__version__}"' in path.read_text()]
    assert holders == [ROOT / "tribometer" / "__init__.py"]
    assert metadata.version("tribometer") == tribometer.__version__


def test_the_project_cannot_be_uploaded_by_mistake() -> None:
    assert "Private :: Do Not Upload" in PYPROJECT["project"]["classifiers"]


def test_everything_the_packages_import_is_a_dependency_by_name() -> None:
    owners = metadata.packages_distributions()
    foreign = imported() - set(PACKAGES) - sys.stdlib_module_names
    named = {canonicalize_name(requirement.name) for requirement in named_requirements("postgres", "spark")}
    assert {name for name in foreign if not named & set(map(canonicalize_name, owners.get(name, [])))} == set()


def test_constraints_pin_every_named_dependency_to_a_version_it_accepts() -> None:
    pinned = pins()
    for requirement in all_requirements():
        version = pinned[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), f"{requirement} against {version}"


def test_constraints_pin_everything_that_the_dependencies_bring_along() -> None:
    seen: set[tuple[str, str]] = set()
    assert {name for requirement in all_requirements() for name in needed(requirement, seen)} <= pins().keys()


def test_constraints_hold_names_and_versions_only() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    assert not [line for line in lines if not re.fullmatch(r"#.*|[A-Za-z0-9._-]+==[A-Za-z0-9.!+]+", line)]


def test_no_file_names_a_registry() -> None:
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    paths = [ROOT / name for name in names if name and (ROOT / name).is_file()]
    assert paths
    needles = [registry.encode() for registry in REGISTRIES]
    assert not [path for path in paths if any(needle in path.read_bytes() for needle in needles)]
