import cv2
import numpy as np
import pytest
from folders import write_png, write_room

from mmaux.datasets import NYUv2Dataset, NYUv2ExpansionDataset


def test_a_missing_folder_says_what_to_put_there(tmp_path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere/depth, then label.*pseudo_labels\.py"):
        NYUv2ExpansionDataset(targets=("depth",), data_root=str(tmp_path / "nowhere"))


def test_frames_of_both_formats_with_kinect_depth_and_labels(tmp_path) -> None:
    scene = write_room(tmp_path, "a", "b")
    cv2.imwrite(str(tmp_path / "image/b.jpg"), scene.image)
    (tmp_path / "image/b.png").unlink()
    unsure = scene.labels.copy()
    unsure[:5] = 255
    write_png(tmp_path / "label/b.png", unsure)
    holes = np.rint(scene.depth * 1000).astype(np.uint16)
    holes[7] = 0
    write_png(tmp_path / "depth/b.png", holes)
    dataset = NYUv2ExpansionDataset(
        targets=("semseg", "depth"),
        data_root=str(tmp_path),
        pipeline=[
            {"type": "mmaux.LoadImageFromFile"},
            {"type": "mmaux.LoadTargets"},
            {"type": "mmaux.PackMultiTaskInputs"},
        ],
    )
    assert len(dataset) == 2
    assert (
        dataset.metainfo
        == NYUv2Dataset(
            targets=("depth",), data_root=str(tmp_path), image_suffixes=(".png", ".jpg")
        ).metainfo
    )
    sample = dataset[1]["data_samples"]
    assert sample.metainfo["img_path"].endswith("b.jpg")
    np.testing.assert_array_equal(sample.gt_sem_seg.data[0], unsure)
    assert not sample.gt_depth_map.data[0, 7].any()
