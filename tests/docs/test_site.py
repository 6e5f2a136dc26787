"""The documentation's site, as `make docs` builds it."""

import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

pytest.importorskip("sphinx")

DOCS = Path(__file__).resolve().parents[2] / "docs"


class Anchors(HTMLParser):
    """Collects what a page can be linked at."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {value for name, value in attrs if name == "id" and value is not None}


def test_site_builds_without_a_warning(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "ignore", "-m", "sphinx", "-b", "html", "-W", "--keep-going"]
    command += ["-q", "-d", str(tmp_path / "doctrees"), str(DOCS)]
    result = subprocess.run([*command, str(tmp_path / "site")], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr

    pages = {file.stem for file in DOCS.glob("*.md")}
    assert {file.stem for file in (tmp_path / "site").glob("*.html")} >= pages
    anchors = Anchors()
    anchors.feed((tmp_path / "site" / "api" / "models.html").read_text(encoding="utf-8"))
    assert {"mmaux.models.AuxiliaryModule", "mmaux.models.DepthHead"} <= anchors.found
