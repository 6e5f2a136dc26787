"""Shipped architectures: what a search found, and where it is used."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from mmengine.config import Config
from small_runs import CONFIGS

from mmaux.models.auxiliary import AuxiliaryArchitecture, parse_architecture
from mmaux.search import SearchSpace, canonical_key

FILES = sorted((CONFIGS / "architectures").glob("*.json"))
USERS = sorted(CONFIGS.glob("auxi_nas_*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_architecture_is_what_its_search_proposed(file: Path) -> None:
    content = json.loads(file.read_text())
    found = content["provenance"]
    space: dict[str, Any] = found["search"]["space"]
    architecture = SearchSpace(**space).decode(found["sequence"])
    assert AuxiliaryArchitecture.from_json(file) == architecture
    assert canonical_key(architecture) == found["canonical_key"]
    assert found["candidates"] >= 40
    assert 0 < found["reward"] < 1
    assert found["command"].startswith("python tools/search.py configs/search/")
    assert found["environments"][0]["revision"]


@pytest.mark.parametrize("file", USERS, ids=lambda file: file.stem)
def test_a_config_of_searched_modules_names_a_shipped_one(file: Path) -> None:
    model = Config.fromfile(file).model
    name = model.auxiliary.architecture
    assert re.fullmatch(r"mmaux::architectures/\w+\.json", name)
    architecture = parse_architecture(name, num_inputs=4, tasks=tuple(model.heads))
    assert architecture.tasks == tuple(model.heads)
    # Nothing else differs from the config with the basic structure.
    basic = Config.fromfile(
        CONFIGS
        / file.name.replace("nas", "all" if len(model.heads) > 2 else "both", 1).replace(
            "all_all", "all"
        )
    )
    basic.model.auxiliary.architecture = name
    assert basic.to_dict() == Config.fromfile(file).to_dict()


def test_every_shipped_architecture_is_used() -> None:
    named = {Path(Config.fromfile(file).model.auxiliary.architecture).name for file in USERS}
    assert named == {file.name for file in FILES}


def test_an_unknown_name_lists_what_there_is() -> None:
    with pytest.raises(
        ValueError, match=r"ships no 'mmaux::architectures/x\.json'; there are \[.*semseg_depth"
    ):
        AuxiliaryArchitecture.from_json("mmaux::architectures/x.json")
