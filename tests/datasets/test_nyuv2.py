import json

import numpy as np
import pytest
from folders import write_room

from mmaux.datasets import NYUv2Dataset, NYUv2Dataset13
from mmaux.datasets.nyuv2 import nyuv2_facts


def test_a_missing_folder_says_how_to_convert(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere: no such folder.*converters/nyud\.py"):
        NYUv2Dataset(targets=("depth",), data_root=str(tmp_path / "nowhere"))


@pytest.mark.parametrize(("kind", "count"), [(NYUv2Dataset, 40), (NYUv2Dataset13, 13)])
def test_classes_of_the_conversion_must_be_those_of_the_class(tmp_path, kind, count):
    facts = nyuv2_facts()
    write_room(tmp_path, "0001")
    for written in (40, 13):
        content = {"classes": facts[f"classes{written}"]}
        (tmp_path / "meta.json").write_text(json.dumps(content))
        if written == count:
            dataset = kind(targets=("semseg", "depth"), data_root=str(tmp_path))
            assert len(dataset.metainfo["classes"]) == len(dataset.metainfo["palette"]) == count
        else:
            message = rf"meta\.json: converted with {written} classes.*for {count}"
            with pytest.raises(ValueError, match=message):
                kind(targets=("semseg",), data_root=str(tmp_path))


def test_a_subset_of_classes_keeps_their_palette(tmp_path):
    write_room(tmp_path, "0001")
    dataset = NYUv2Dataset(
        targets=("semseg",),
        data_root=str(tmp_path),
        metainfo={"classes": ("floor", "wall")},
        pipeline=[{"type": "mmaux.LoadImageFromFile"}, {"type": "mmaux.LoadTargets"}],
    )
    palette = NYUv2Dataset.METAINFO["palette"]
    assert dataset.metainfo["palette"] == [palette[1], palette[0]]
    # The room's ids 0..4 read as NYUD's wall, floor, cabinet, bed, chair.
    original = np.unique(dataset[0]["gt_seg_map"]).tolist()
    assert original == [0, 1, 255]


def test_raw_depth_is_a_matter_of_config(tmp_path):
    write_room(tmp_path, "0001")
    (tmp_path / "depth").rename(tmp_path / "depth_raw")
    dataset = NYUv2Dataset(targets={"depth": {"folder": "depth_raw"}}, data_root=str(tmp_path))
    assert dataset.count_targets() == {"depth": 1}
