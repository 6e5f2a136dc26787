import pytest

from mmaux.version import check_versions, find_installed, require_versions

GOOD = {
    "torch": "2.14.1+cu130",
    "mmengine": "0.10.7",
    "mmcv": "2.1.0",
    "mmsegmentation": "1.2.2",
    "mmpretrain": "1.2.0",
    "setuptools": "80.10.2",
}


def problems(**changes):
    """Problems by name; ``mmcv='2.2.0'`` changes a version, None removes the distribution."""
    found = {**GOOD, **{name.replace("_", "-"): value for name, value in changes.items()}}
    return {problem.name: problem for problem in check_versions(found.get)}


def test_tested_versions_fit():
    assert problems() == {}


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("torch", "2.6.0"),
        ("torch", "2.15.0.dev20261101+cpu"),
        ("mmengine", "0.10.4"),
        ("mmcv", "2.0.0"),
        ("mmcv", "2.1.0+cu130"),
        ("mmsegmentation", "1.3.0"),
        ("setuptools", "59.6.0"),
    ],
)
def test_inside_the_range(name, version):
    assert problems(**{name: version}) == {}


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("torch", "2.5.1+cu124"),
        ("torch", "2.6.0a0"),
        ("mmengine", "0.10.3"),
        ("mmengine", "1.0.0"),
        ("mmcv", "2.2.0"),
        ("mmcv", "2.0.0rc3"),
        ("mmcv", "1.7.2"),
        ("mmsegmentation", "1.2.1"),
        ("mmsegmentation", "2.0.0"),
        ("mmpretrain", "1.1.0"),
        ("setuptools", "81.0.0"),
        ("torch", "unknown"),
    ],
)
def test_outside_the_range_names_found_range_and_command(name, version):
    found = problems(**{name: version})
    assert list(found) == [name]
    text = str(found[name])
    assert f"found {version}" in text
    assert f"needed {name}" in text
    assert "pip install" in text


@pytest.mark.parametrize("name", list(GOOD))
def test_missing(name):
    found = problems(**{name: None})
    assert list(found) == [name]
    assert found[name].found == "none"


def test_all_problems_at_once():
    with pytest.raises(ImportError) as error:
        require_versions({"setuptools": "82.0"}.get)
    for name in ("torch", "mmengine", "mmcv", "mmsegmentation", "mmpretrain"):
        assert f"\n  {name}: found none" in str(error.value)
    # Without mmengine nothing asks for pkg_resources.
    assert "setuptools: found" not in str(error.value)


FORKS = {
    **dict.fromkeys(("mmengine", "mmcv", "mmsegmentation", "mmpretrain")),
    "onedl_mmengine": "0.10.12",
    "onedl_mmcv": "2.3.6",
    "onedl_mmsegmentation": "1.4.2",
    "onedl_mmpretrain": "1.3.6",
}


def test_onedl_forks_and_their_newer_setuptools():
    assert problems(**FORKS, setuptools="90.0") == {}


@pytest.mark.parametrize(("name", "version"), [("mmcv", "2.4.0"), ("mmsegmentation", "1.3.0")])
def test_a_fork_outside_its_range(name, version):
    found = problems(**{**FORKS, f"onedl_{name}": version})
    assert list(found) == [name]
    assert found[name].found == f"onedl-{name} {version}"
    assert f", or onedl-{name}>=" in found[name].needed
    assert "make env STACK=onedl" in found[name].command


def test_a_release_and_its_fork_together():
    found = problems(onedl_mmcv="2.3.6")
    assert list(found) == ["mmcv"]
    assert "overwrite" in found["mmcv"].found
    assert "uninstall -y mmcv onedl-mmcv" in found["mmcv"].command


def test_mmcv_must_be_compiled():
    found = problems(mmcv=None, mmcv_lite="2.1.0")["mmcv"]
    assert "mmcv-lite 2.1.0" in found.found
    for part in ("make env", "tools/environment/setup_env.py", "--no-build-isolation", "c++20"):
        assert part in found.command


def test_this_environment_passes():
    assert check_versions() == []
    assert find_installed("no-such-distribution-of-mmaux") is None


def test_package_imports_its_walls_first(monkeypatch):
    import importlib
    import importlib.metadata

    import mmaux

    real = importlib.metadata.version
    monkeypatch.setattr(
        importlib.metadata, "version", lambda name: "2.5.0" if name == "torch" else real(name)
    )
    with pytest.raises(ImportError, match=r"torch: found 2\.5\.0; needed torch>=2\.6"):
        importlib.reload(mmaux)
