from pathlib import Path

import numpy as np
import pytest
from mmcv.transforms import BaseTransform
from mmengine.registry import init_default_scope
from room_folder import dataset_config, pipeline, write_room
from scenes import render
from step_of_ones_own import as_ones_own

from mmaux.datasets.inspection.listing import list_splits
from mmaux.datasets.inspection.loaded_sample import ListedSample
from mmaux.datasets.inspection.pipeline_inspection import (
    PipelineInspection,
    pipeline_input,
    unpack,
)
from mmaux.registry import TRANSFORMS


@TRANSFORMS.register_module(force=True)
class PadNormalsWith255(BaseTransform):
    """What mmseg's padding does to targets that are no labels."""

    def transform(self, results: dict) -> dict:
        results["gt_normal_map"][:20] = 255
        return results


def _listed(root: Path, *transforms: dict) -> ListedSample:
    init_default_scope("mmaux")
    config = dataset_config(root, pipeline=pipeline(*transforms))
    return list_splits({"train_dataloader": {"dataset": config}})[0].samples[0]


def test_unpack_undoes_packing(tmp_path: Path) -> None:
    scene = write_room(tmp_path / "room")
    sample = _listed(tmp_path / "room")
    packed = sample.dataset.pipeline(pipeline_input(sample))
    loaded = unpack(packed["data_samples"], sample.dataset.targets, "name")
    np.testing.assert_array_equal(loaded.arrays["semseg"], scene.labels)
    np.testing.assert_allclose(loaded.arrays["depth"], scene.depth, atol=6e-4)
    np.testing.assert_allclose(loaded.arrays["normal"], scene.normals, atol=1e-4)
    np.testing.assert_array_equal(loaded.intrinsics, scene.intrinsics)


def test_the_input_is_that_of_the_data_set_and_stays_fresh(tmp_path: Path) -> None:
    write_room(tmp_path / "room")
    sample = _listed(tmp_path / "room")
    theirs, ours = sample.dataset.get_data_info(0), pipeline_input(sample)
    assert set(theirs) == set(ours)
    sample.dataset.pipeline(ours)
    assert pipeline_input(sample)["seg_fields"] == []
    ours["intrinsics"][0][0] = 0.0
    assert pipeline_input(sample)["intrinsics"] == theirs["intrinsics"]
    absent = pipeline_input(sample, ("depth",))
    assert set(theirs) - set(absent) == {"depth_map_path"}


def test_padding_vectors_with_255_is_found(tmp_path: Path) -> None:
    scene = write_room(tmp_path / "room")
    for picture in (tmp_path / "room/normal").glob("*.png"):
        np.save(picture.with_suffix(".npy"), scene.normals)
        picture.unlink()
    inspection = PipelineInspection("config.py")
    for _ in range(3):
        inspection.draw(_listed(tmp_path / "room", {"type": "mmaux.PadNormalsWith255"}))
    (problem,) = inspection.problems()
    assert "gt_normal_map has a component of 255, expected unit vectors" in problem.found
    assert problem.found.endswith(
        f"(in 3 of 3 augmented samples, first {tmp_path}/room/image/a0.png)"
    )


def test_padding_codes_with_255_makes_them_invalid(tmp_path: Path) -> None:
    write_room(tmp_path / "room")
    inspection = PipelineInspection("config.py")
    packed = inspection.draw(_listed(tmp_path / "room", {"type": "mmaux.PadNormalsWith255"}))
    assert packed is not None
    assert inspection.problems() == []
    normals = packed["data_samples"].gt_normal_map.data
    assert not normals[:, :20].any()
    assert normals[:, 20:].any(0).all()


@pytest.mark.parametrize("direction", ["horizontal", "vertical", "diagonal"])
def test_our_flips_are_right_and_mmseg_s_wrong(tmp_path: Path, direction: str) -> None:
    write_room(tmp_path / "room")
    found = {}
    for scope in ("mmaux", "mmseg"):
        flip = {"type": f"{scope}.RandomFlip", "prob": 1.0, "direction": direction}
        inspection = PipelineInspection("config.py")
        inspection.draw(_listed(tmp_path / "room", as_ones_own(flip)))
        found[scope] = [problem.kind for problem in inspection.problems()]
    cause = {
        "horizontal": "flipped without negating x",
        "vertical": "y axis up convention",
        "diagonal": "turned by 180 degrees",
    }
    assert found == {"mmaux": [], "mmseg": [f"pipeline: {cause[direction]}"]}


def test_the_room_of_the_tests_has_all_directions() -> None:
    assert np.abs(render().normals).max(axis=(0, 1)).min() > 0.9
