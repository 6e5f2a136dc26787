"""What `pip install` delivers, from the files that git knows."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from documented import commands_of, documents
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.version import Version

MIM = "mmaux/.mim/"
STALE = "mmaux/left_by_an_earlier_build.py"


def documented_extras() -> list[str]:
    """What stands in the brackets of ``pip install 'mmaux[...]'`` in README and docs."""
    texts = [command.text for document in documents() for command in commands_of(document)]
    found = (re.fullmatch(r"pip install 'mmaux\[(.+)\]'", text) for text in texts)
    return sorted({match[1] for match in found if match})


def list_project_files(repository: Path) -> list[Path]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    result = subprocess.run(command, cwd=repository, capture_output=True, text=True)
    if result.returncode != 0:
        pytest.skip("not a git checkout: it cannot be told which files belong to the project")
    files = [Path(name) for name in result.stdout.split("\0") if name]
    return [file for file in files if os.path.lexists(repository / file)]


@pytest.fixture(scope="module")
def project(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout, with what an earlier build and a test run leave in it."""
    target = tmp_path_factory.mktemp("project")
    for file in list_project_files(repository):
        (target / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(repository / file, target / file, follow_symlinks=False)
    for dirty in (f"build/lib/{STALE}", "tools/__pycache__/train.cpython-311.pyc"):
        (target / dirty).parent.mkdir(parents=True, exist_ok=True)
        (target / dirty).touch()
    return target


def build_wheel(source: Path, target: Path) -> zipfile.ZipFile:
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"]
    command += ["--no-index", "--wheel-dir", str(target), str(source)]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    (wheel,) = target.glob("*.whl")
    return zipfile.ZipFile(wheel)


@pytest.fixture(scope="module")
def wheel(project: Path, tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    return build_wheel(project, tmp_path_factory.mktemp("wheel"))


def test_distribution_and_module_are_mmaux(repository: Path, wheel: zipfile.ZipFile) -> None:
    version = read_version(repository)
    assert Path(str(wheel.filename)).name == f"mmaux-{version}-py3-none-any.whl"
    roots = {name.split("/")[0] for name in wheel.namelist()}
    assert roots == {"mmaux", f"mmaux-{version}.dist-info"}


def test_wheel_holds_configs_and_tools_for_mim(repository: Path, wheel: zipfile.ZipFile) -> None:
    expected = {
        file.as_posix()
        for file in list_project_files(repository)
        if file.parts[0] in ("configs", "tools") or file == Path("model-index.yml")
    }
    packed = {name.removeprefix(MIM) for name in wheel.namelist() if name.startswith(MIM)}
    assert packed == expected
    assert {"configs/auxi_both_mbv2_nyud.py", "tools/train.py", "model-index.yml"} <= packed
    for name in packed:
        assert wheel.read(MIM + name) == (repository / name).read_bytes(), name


def test_wheel_keeps_the_permission_to_run_scripts(wheel: zipfile.ZipFile) -> None:
    scripts = [info for info in wheel.infolist() if info.filename.endswith(".sh")]
    assert len(scripts) >= 4
    assert [info.filename for info in scripts if not (info.external_attr >> 16) & 0o100] == []


def test_wheel_holds_the_whole_package(repository: Path, wheel: zipfile.ZipFile) -> None:
    expected = {
        file.as_posix()
        for file in list_project_files(repository)
        if file.parts[0] == "mmaux" and file.parts[1] != ".mim"
    }
    packed = {
        name for name in wheel.namelist() if name.startswith("mmaux/") and not name.startswith(MIM)
    }
    assert packed == expected
    assert "mmaux/py.typed" in packed
    assert {"mmaux/datasets/meta/nyuv2.json", "mmaux/web_demo/page.html"} <= set(packed)


def test_wheel_holds_no_leftovers(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()
    assert STALE not in names
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]


def test_source_distribution_builds_the_same_wheel(
    project: Path, wheel: zipfile.ZipFile, tmp_path: Path
) -> None:
    build = f"import setuptools.build_meta as b; b.build_sdist({str(tmp_path)!r})"
    subprocess.run([sys.executable, "-c", build], cwd=project, check=True, capture_output=True)
    (archive,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(archive) as content:
        content.extractall(tmp_path)
    source = tmp_path / archive.name.removesuffix(".tar.gz")
    assert not (source / "mmaux" / ".mim").exists()
    from_archive = build_wheel(source, tmp_path / "wheel")
    assert sorted(from_archive.namelist()) == sorted(wheel.namelist())


def test_links_serve_an_editable_install(repository: Path) -> None:
    folder = repository / "mmaux" / ".mim"
    assert sorted(os.listdir(folder)) == ["configs", "model-index.yml", "tools"]
    for name in os.listdir(folder):
        assert os.readlink(folder / name) == f"../../{name}"
        assert (folder / name).exists()


def read_sections(repository: Path) -> dict[str, dict[str, tuple[Requirement, str]]]:
    """Section, name, then the requirement and its comment."""
    sections: dict[str, dict[str, tuple[Requirement, str]]] = {}
    for line in (repository / "requirements.txt").read_text().splitlines():
        if line.startswith("# ["):
            section = sections.setdefault(line[3:-1], {})
        elif line and not line.startswith("#"):
            text, _, comment = line.partition("#")
            requirement = Requirement(text.strip())
            section[requirement.name] = (requirement, comment.strip())
    return sections


def read_constraints(repository: Path) -> list[Requirement]:
    text = (repository / "tools" / "environment" / "constraints.txt").read_text()
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [Requirement(line) for line in lines]


def read_version(repository: Path) -> str:
    tree = ast.parse((repository / "mmaux" / "version.py").read_text())
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__version__":
            return str(ast.literal_eval(node.value))
    raise AssertionError("mmaux/version.py has no __version__")


def test_each_bound_has_its_reason(repository: Path) -> None:
    sections = read_sections(repository)
    extras = ["rooms", "benchmarks", "search", "ray", "optimization", "deploy", "demo", "docs"]
    assert list(sections) == ["runtime", "openmmlab", "test", *extras, "dev"]
    for requirement, comment in (
        item for section in sections.values() for item in section.values()
    ):
        bounds = [str(bound) for bound in requirement.specifier] or ["any"]
        for bound in bounds:
            _, found, reason = comment.partition(f"{bound}: ")
            assert found, f"{requirement}: no reason for {bound}"
            assert len(reason.split(";")[0].split()) >= 2, f"{requirement}: {reason}"


@pytest.mark.parametrize("extras", documented_extras())
def test_documented_extras_can_be_installed(wheel: zipfile.ZipFile, extras: str) -> None:
    """Found in a folder in place of an index, with what the test environment has."""
    places = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(Path(str(wheel.filename)).parent)}
    done = subprocess.run(
        [sys.executable, "-m", "pip", "install", f"mmaux[{extras}]", "--dry-run"],
        env={**os.environ, **places},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "does not provide the extra" not in done.stdout + done.stderr


def test_openmmlab_packages_are_no_install_requirements(
    repository: Path, wheel: zipfile.ZipFile
) -> None:
    (metadata,) = (name for name in wheel.namelist() if name.endswith("/METADATA"))
    lines = wheel.read(metadata).decode().splitlines()
    required = [Requirement(line[15:]) for line in lines if line.startswith("Requires-Dist: ")]
    sections = read_sections(repository)
    always = {item.name for item in required if item.marker is None}
    assert always == set(sections["runtime"])
    for_tests = {item.name for item in required if 'extra == "test"' in str(item.marker)}
    assert for_tests == set(sections["test"])
    assert not set(sections["openmmlab"]) & {item.name for item in required}


def test_ranges_are_those_that_mmaux_checks_at_import(repository: Path) -> None:
    version = pytest.importorskip("mmaux.version")
    sections = read_sections(repository)
    ranges = {**sections["runtime"], **sections["openmmlab"]}
    assert len(version.REQUIREMENTS) >= 5
    for checked in (*version.REQUIREMENTS, version.SETUPTOOLS):
        stated, _ = ranges[checked.name]
        assert stated.specifier == Requirement(f"x{checked.versions}").specifier, checked.name
    forks = {
        checked.fork: Requirement(f"x{checked.fork_versions}").specifier
        for checked in version.REQUIREMENTS
        if checked.fork
    }
    text = (repository / "tools" / "environment" / "onedl_requirements.txt").read_text()
    lines = [Requirement(line.split("#")[0]) for line in text.splitlines() if line[0] != "#"]
    assert forks == {requirement.name: requirement.specifier for requirement in lines}


@pytest.mark.parametrize("python", ["3.10", "3.11", "3.12"])
def test_constraints_pin_one_version_within_each_range(repository: Path, python: str) -> None:
    environment = {"python_version": python, "python_full_version": f"{python}.0"}
    pins: dict[str, str] = {}
    for pin in read_constraints(repository):
        if pin.marker is None or Marker(str(pin.marker)).evaluate(environment):
            assert pin.name not in pins, f"{pin.name} is pinned twice for Python {python}"
            (specifier,) = pin.specifier
            assert specifier.operator == "==", f"{pin} is no pin"
            pins[pin.name] = specifier.version
    for section in read_sections(repository).values():
        for name, (requirement, _) in section.items():
            assert Version(pins[name.lower()]) in requirement.specifier, f"{requirement}"


def test_constraints_leave_the_cuda_packages_to_torch(repository: Path) -> None:
    names = [pin.name for pin in read_constraints(repository)]
    assert len(names) > 50
    assert not [name for name in names if name.startswith(("nvidia", "cuda", "triton"))]


def test_constraints_cover_what_mim_needs(repository: Path) -> None:
    pinned = {pin.name for pin in read_constraints(repository)}
    text = (repository / "tools" / "environment" / "mim_requirements.txt").read_text()
    needed = {line for line in text.splitlines() if line and not line.startswith("#")}
    assert "click" in needed
    assert needed | {"openmim"} <= pinned
