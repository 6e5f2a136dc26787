import sys

import pytest

from mmaux.utils.dependencies import require


def test_returns_the_module():
    import json.decoder

    assert require("json.decoder", purpose="a test") is json.decoder


@pytest.mark.parametrize("module", ["mmaux_absent", "mmaux_absent.io"])
def test_missing_names_purpose_and_command(module):
    with pytest.raises(ImportError) as error:
        require(module, package="absent>=1.0", purpose="reading FILE.mat")
    text = str(error.value)
    assert f"reading FILE.mat needs the module `{module}`, which is not installed" in text
    assert text.endswith("python -m pip install 'absent>=1.0'")


def test_package_defaults_to_the_first_name():
    with pytest.raises(ImportError, match="pip install 'mmaux_absent'"):
        require("mmaux_absent.io", purpose="a test")


def test_broken_installation_says_so(tmp_path, monkeypatch):
    (tmp_path / "mmaux_broken.py").write_text("import mmaux_not_there")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "mmaux_broken", raising=False)
    with pytest.raises(ImportError, match=r"is installed but does not import .*mmaux_not_there"):
        require("mmaux_broken", purpose="a test")
