import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# The set-up scripts run before anything is installed, so they are no package: they import each
# other as the files beside them, and so do their tests.
sys.path.insert(0, str(ROOT / "tools" / "environment"))


@pytest.fixture(scope="session")
def repository() -> Path:
    return ROOT
