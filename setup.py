"""Distribution ``mmaux``; wheels carry configs and tools in ``mmaux/.mim``, where mim looks."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
MIM_CONTENT = ("configs", "tools", "model-index.yml")


def read_version() -> str:
    """The version that ``mmaux/version.py`` states, read without importing it."""
    text = (ROOT / "mmaux" / "version.py").read_text(encoding="utf-8")
    match = re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)
    if match is None:
        raise ValueError('mmaux/version.py: found no line `__version__ = "X.Y.Z"`; add it')
    return match[1]


def read_requirements() -> dict[str, list[str]]:
    """The sections of ``requirements.txt``: ``# [name]`` and the requirements below it."""
    sections: dict[str, list[str]] = {}
    current: list[str] = []
    for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines():
        header = re.fullmatch(r"# \[(\w+)\]", line.strip())
        requirement = line.split("#")[0].strip()
        if header:
            current = sections.setdefault(header[1], [])
        elif requirement:
            current.append(requirement)
    return sections


class BuildWithMimContent(build_py):
    """Copies configs and tools into ``mmaux/.mim`` of what is built.

    In a checkout ``mmaux/.mim`` holds links to them, which serve an editable install as they are.
    Links to folders survive neither an sdist nor every checkout, so a build does not follow them.
    """

    def run(self) -> None:
        """Build as usual, then add the content of ``.mim``."""
        package = Path(self.build_lib) / "mmaux"
        if not self.editable_mode:
            shutil.rmtree(package, ignore_errors=True)  # what an earlier build left there
        super().run()
        if self.editable_mode:
            return
        target = package / ".mim"
        target.mkdir(parents=True)
        for name in MIM_CONTENT:
            copy_content(ROOT / name, target / name)


def copy_content(source: Path, target: Path) -> None:
    """Copy a file or a folder without caches of Python and its tools."""
    if source.is_dir():
        ignored = shutil.ignore_patterns("__pycache__", "*.py[cod]", ".*")
        shutil.copytree(source, target, ignore=ignored)
    else:
        shutil.copy2(source, target)


requirements = read_requirements()

setup(
    name="mmaux",
    version=read_version(),
    description="Multi-task dense prediction with training-time auxiliary modules, for mmseg",
    long_description=(ROOT / "README.md").read_text(encoding="utf-8")
    if (ROOT / "README.md").exists()
    else "",
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    license_files=["LICENSE"],
    classifiers=[
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3.10",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Topic :: Scientific/Engineering :: Image Recognition",
    ],
    python_requires=">=3.10",
    packages=find_packages(include=["mmaux", "mmaux.*"]),
    package_data={
        "mmaux": ["py.typed"],
        "mmaux.datasets": ["meta/*.json"],
        "mmaux.web_demo": ["page.html"],
    },
    include_package_data=False,
    install_requires=requirements["runtime"],
    extras_require={
        "rooms": requirements["rooms"],
        "benchmarks": requirements["benchmarks"],
        "optimization": requirements["optimization"],
        "search": requirements["search"],
        "ray": requirements["ray"],
        "deploy": requirements["deploy"],
        "demo": requirements["demo"],
        "docs": requirements["docs"],
        "test": requirements["test"],
        "dev": requirements["test"] + requirements["dev"],
    },
    cmdclass={"build_py": BuildWithMimContent},
    zip_safe=False,
)
