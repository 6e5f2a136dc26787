import json

import numpy as np
import pytest
import torch
from folders import room_config, write_png, write_room
from mmengine.dataset import ConcatDataset, pseudo_collate
from scenes import CLASSES

from mmaux.datasets import MultiTaskFolderDataset
from mmaux.registry import DATASETS


def build(root, *tasks, **changes):
    return MultiTaskFolderDataset(**room_config(root, *tasks, **changes))


def names(dataset):
    infos = [dataset.get_data_info(i) for i in range(len(dataset))]
    return [info["img_path"].rpartition("/")[2] for info in infos]


def test_a_loaded_sample_equals_what_was_written(tmp_path):
    scene = write_room(tmp_path, "a", "b")
    dataset = build(tmp_path, intrinsics=scene.intrinsics.tolist())
    assert len(dataset) == 2
    packed = dataset[1]
    sample = packed["data_samples"]
    rgb = np.clip(scene.image, 0, 200) + 1
    np.testing.assert_array_equal(packed["inputs"], rgb[..., ::-1].transpose(2, 0, 1))  # BGR
    np.testing.assert_array_equal(sample.gt_sem_seg.data[0], scene.labels)
    assert sample.gt_sem_seg.data.dtype == torch.int64
    np.testing.assert_allclose(sample.gt_depth_map.data[0], scene.depth, atol=5.1e-4)
    np.testing.assert_allclose(
        sample.gt_normal_map.data.permute(1, 2, 0), scene.normals, atol=3.1e-5
    )
    np.testing.assert_allclose(sample.metainfo["intrinsics"], scene.intrinsics)
    assert sample.metainfo["img_path"].endswith("b.png")
    assert sample.metainfo["ori_shape"] == (48, 64)


def test_every_image_of_the_folder_in_order_once(tmp_path):
    write_room(tmp_path, "b", "a", "deep/c")
    write_png(tmp_path / "image/a.jpg", np.zeros((48, 64, 3), np.uint8))
    (tmp_path / "image/readme.txt").write_text("no image")
    dataset = build(tmp_path)
    assert names(dataset) == ["a.jpg", "b.png", "c.png"]  # the first suffix wins


def test_split_file(tmp_path):
    write_room(tmp_path, "a", "b", "c")
    (tmp_path / "splits").mkdir()
    (tmp_path / "splits/train.txt").write_text("c\n\n a \n")
    assert names(build(tmp_path, ann_file="splits/train.txt")) == ["c.png", "a.png"]


def test_other_folders_and_suffixes(tmp_path):
    scene = write_room(tmp_path, "a")
    (tmp_path / "image").rename(tmp_path / "rgb")
    (tmp_path / "depth").rename(tmp_path / "unused")
    (tmp_path / "depth_raw").mkdir()
    np.save(tmp_path / "depth_raw/a.npy", scene.depth)
    dataset = build(tmp_path, targets={"depth": {"folder": "depth_raw"}}, image_folder="rgb")
    np.testing.assert_array_equal(dataset[0]["data_samples"].gt_depth_map.data[0], scene.depth)


def test_json_list_with_other_paths(tmp_path):
    scene = write_room(tmp_path, "a", "b")
    (tmp_path / "depth/b.png").rename(tmp_path / "range.png")
    matrix = [[10.0, 0, 5], [0, 11, 6], [0, 0, 1]]
    entries = [
        {"img_path": "image/b.png", "depth_map_path": "range.png", "intrinsics": matrix},
        {"img_path": "image/a.png", "seg_map_path": "label/a.png", "unrelated": 3},
    ]
    (tmp_path / "list.json").write_text(json.dumps({"data_list": entries}))
    dataset = build(tmp_path, "depth", "semseg", ann_file="list.json", allow_missing=True)
    assert dataset.count_targets() == {"depth": 1, "semseg": 1}
    first, second = dataset[0]["data_samples"], dataset[1]["data_samples"]
    np.testing.assert_allclose(first.gt_depth_map.data[0], scene.depth, atol=5.1e-4)
    assert "gt_sem_seg" not in first
    np.testing.assert_allclose(first.metainfo["intrinsics"], matrix)
    assert "gt_depth_map" not in second
    np.testing.assert_array_equal(second.gt_sem_seg.data[0], scene.labels)
    assert second.metainfo["intrinsics"] is None


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        ("{", ValueError, r"list\.json: expected JSON .*data_list"),
        ("[]", ValueError, r"list\.json: expected JSON .*data_list"),
        ('{"samples": []}', ValueError, r"list\.json.*KeyError\('data_list'\)"),
        ('{"data_list": [{"depth_map_path": "x"}]}', ValueError, "lacks img_path"),
        ('{"data_list": []}', ValueError, r"list\.json: the split is empty"),
        (
            '{"data_list": [{"img_path": "no.png"}]}',
            FileNotFoundError,
            r"no\.png: no such image, listed in .*list\.json",
        ),
    ],
)
def test_bad_json_lists(tmp_path, content, error, message):
    (tmp_path / "list.json").write_text(content)
    with pytest.raises(error, match=message):
        build(tmp_path, ann_file="list.json")


def test_intrinsics_of_an_image_win_over_those_of_the_set(tmp_path):
    common = [[100.0, 0, 31.5], [0, 100, 23.5], [0, 0, 1]]
    write_room(tmp_path, "a", "b", meta={"intrinsics": common})
    (tmp_path / "intrinsics").mkdir()
    (tmp_path / "intrinsics/b.txt").write_text("50 0 30\n0 51 20\n0 0 1\n")
    dataset = build(tmp_path)
    matrices = [dataset[i]["data_samples"].metainfo["intrinsics"] for i in range(2)]
    np.testing.assert_allclose(matrices[0], common)
    np.testing.assert_allclose(matrices[1], [[50, 0, 30], [0, 51, 20], [0, 0, 1]])


@pytest.mark.parametrize(
    ("text", "count"), [("1 2 3", "3 words"), ("a b c d e f g h i", "9 words")]
)
def test_a_bad_camera_file_is_named(tmp_path, text, count):
    write_room(tmp_path, "a")
    (tmp_path / "intrinsics").mkdir()
    (tmp_path / "intrinsics/a.txt").write_text(text)
    with pytest.raises(ValueError, match=rf"a\.txt: expected nine numbers.*{count}"):
        build(tmp_path)


# Missing targets ---------------------------------------------------------------------------------


@pytest.fixture
def partial(tmp_path):
    write_room(tmp_path, "a", "b", "c")
    (tmp_path / "depth/b.png").unlink()
    return tmp_path


def test_a_missing_target_is_an_error_by_default(partial):
    message = r"depth/b\.png: missing depth target \(1 of 3 .*allow_missing=\('depth',\)"
    with pytest.raises(ValueError, match=message):
        build(partial)


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("b.tiff", r"Convert b\.tiff, which lies there, to the accepted \.png or \.npy, leave"),
        ("b.left.tiff", "Restore the files, leave"),  # another stem
    ],
)
def test_a_target_of_another_suffix_is_named(partial, name, fix):
    (partial / "depth" / name).touch()
    with pytest.raises(ValueError, match=rf"b\.png: missing depth target .* theirs\)\. {fix}"):
        build(partial)


def test_a_missing_folder_of_targets_names_those_there_are(tmp_path):
    write_room(tmp_path, "a", "b")
    (tmp_path / "depth").rename(tmp_path / "depth_dir")
    message = (
        r"depth/a\.png: missing depth target \(2 of 2 .*Name the folder of these files, "
        r"targets=dict\(depth=dict\(folder=\.\.\.\)\) \(.* holds the folders depth_dir, image, "
    )
    with pytest.raises(ValueError, match=message):
        build(tmp_path)


@pytest.mark.parametrize("allowed", [True, "depth", ("depth",), ["depth", "normal"]])
def test_a_missing_target_may_be_allowed(partial, allowed):
    dataset = build(partial, allow_missing=allowed)
    assert dataset.count_targets() == {"semseg": 3, "depth": 2, "normal": 3}
    assert "gt_depth_map" in dataset[0]["data_samples"]
    assert "gt_depth_map" not in dataset[1]["data_samples"]
    assert "gt_normal_map" in dataset[1]["data_samples"]


def test_allowing_one_task_does_not_allow_another(partial):
    with pytest.raises(ValueError, match="missing depth target"):
        build(partial, allow_missing=("semseg",))


def test_allowing_an_unknown_task_is_an_error(partial):
    with pytest.raises(ValueError, match=r"allow_missing names \['dept'\]"):
        build(partial, allow_missing=("dept",))


# Broken data sets --------------------------------------------------------------------------------


def test_empty_split(tmp_path):
    write_room(tmp_path, "a")
    (tmp_path / "none.txt").write_text("\n\n")
    with pytest.raises(ValueError, match=r"none\.txt: the split is empty"):
        build(tmp_path, ann_file="none.txt")
    for path in (tmp_path / "image").iterdir():
        path.unlink()
    with pytest.raises(ValueError, match="the split is empty"):
        build(tmp_path)


def test_missing_image_split_and_folder(tmp_path):
    write_room(tmp_path, "a")
    (tmp_path / "list.txt").write_text("a\nlost\n")
    with pytest.raises(FileNotFoundError, match=r"image/lost: no image with any of the suffixes"):
        build(tmp_path, ann_file="list.txt")
    with pytest.raises(FileNotFoundError, match=r"other\.txt: no such split file"):
        build(tmp_path, ann_file="other.txt")
    with pytest.raises(FileNotFoundError, match="pictures: no such image folder"):
        build(tmp_path, image_folder="pictures")


@pytest.mark.parametrize("ann_file", ["", "list.txt"])
def test_a_missing_image_folder_names_those_there_are(tmp_path, ann_file):
    write_room(tmp_path, "train/a")
    for name in ("image", "label", "depth"):
        (tmp_path / name).rename(tmp_path / f"{name}_dir")
    (tmp_path / "list.txt").write_text("train/a\n")
    message = (
        r"/image: no such image folder; .* holds the folders depth_dir, image_dir, label_dir, "
        r"normal: set image_folder=\.\.\."
    )
    with pytest.raises(FileNotFoundError, match=message):
        build(tmp_path, ann_file=ann_file)
    with pytest.raises(FileNotFoundError, match=r"nowhere; check data_root"):
        build(tmp_path / "nowhere", ann_file=ann_file and str(tmp_path / ann_file))


def test_a_list_of_file_names_in_place_of_stems(tmp_path):
    write_room(tmp_path, "a", "b", "c.png")
    (tmp_path / "list.txt").write_text("c.png\na\nb.JPG\n")  # the first is a stem
    message = r"list\.txt: found 'b\.JPG', expected 'b': list stems, without suffix"
    with pytest.raises(ValueError, match=message):
        build(tmp_path, ann_file="list.txt")


def test_an_image_of_another_suffix_is_named(tmp_path):
    write_room(tmp_path, "a")
    (tmp_path / "image/a.png").rename(tmp_path / "image/a.tiff")
    (tmp_path / "list.txt").write_text("a\n")
    message = r"image/a: no image .*, only a\.tiff \(convert it, or set image_suffixes\)"
    with pytest.raises(FileNotFoundError, match=message):
        build(tmp_path, ann_file="list.txt")


def test_classes_of_meta_json_serve_where_the_config_names_none(tmp_path):
    write_room(tmp_path, "a", meta={"classes": CLASSES, "depth_scale": 500})
    dataset = build(tmp_path, metainfo=None)
    assert dataset.metainfo["classes"] == CLASSES
    assert len(dataset.metainfo["palette"]) == len(CLASSES)
    assert dataset.targets["depth"].scale == 500


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        (CLASSES[:3], r"with 3 classes, but .* for 5 \(class 3 is None there and 'ball' here"),
        (("x", *CLASSES[1:]), r"with 5 classes, .* 5 \(class 0 is 'x' there and 'floor' here"),
    ],
)
def test_meta_json_of_other_classes(tmp_path, classes, message):
    write_room(tmp_path, "a", meta={"classes": classes})
    with pytest.raises(ValueError, match=rf"meta\.json: converted {message}"):
        build(tmp_path)
    assert len(build(tmp_path, "depth")) == 1  # classes do not matter then


@pytest.mark.parametrize("content", ["{broken", "[1, 2]", "\xff"])
def test_bad_meta_json(tmp_path, content):
    write_room(tmp_path, "a")
    (tmp_path / "meta.json").write_bytes(content.encode("latin-1"))
    with pytest.raises(ValueError, match=r"meta\.json: (not valid|expected a) JSON"):
        build(tmp_path)


# Kinds of data sets ------------------------------------------------------------------------------


def test_disjointly_labelled_sets_concatenate(tmp_path):
    scene = write_room(tmp_path / "x", "a", "b")
    write_room(tmp_path / "y", "c")
    joined = ConcatDataset(
        [
            DATASETS.build({"type": "mmaux.MultiTaskFolderDataset", **room_config(*arguments)})
            for arguments in ((tmp_path / "x", "semseg"), (tmp_path / "y", "depth"))
        ]
    )
    batch = pseudo_collate([joined[i] for i in range(3)])
    found = [sorted(sample.keys()) for sample in batch["data_samples"]]
    assert found == [["gt_sem_seg"], ["gt_sem_seg"], ["gt_depth_map"]]
    np.testing.assert_array_equal(batch["data_samples"][1].gt_sem_seg.data[0], scene.labels)


def test_depth_alone_needs_no_classes_also_in_test_mode(tmp_path):
    scene = write_room(tmp_path, "a")
    dataset = build(tmp_path, "depth", metainfo=None, test_mode=True)
    sample = dataset[0]["data_samples"]
    assert list(sample.keys()) == ["gt_depth_map"]
    np.testing.assert_allclose(sample.gt_depth_map.data[0], scene.depth, atol=5.1e-4)


def test_labels_without_classes_are_an_error(tmp_path):
    write_room(tmp_path, "a")
    with pytest.raises(ValueError, match="no classes"):
        build(tmp_path, "semseg", metainfo=None)


def test_lazy_init_and_indices(tmp_path):
    write_room(tmp_path, "a", "b", "c")
    dataset = build(tmp_path, lazy_init=True)
    assert not dataset._fully_initialized
    assert dataset.count_targets() == {"semseg": 3, "depth": 3, "normal": 3}
    assert len(build(tmp_path, indices=2)) == 2


def test_targets_alone_equal_those_of_the_loaded_sample(tmp_path):
    write_room(tmp_path, "a", "b")
    (tmp_path / "depth/b.png").unlink()
    dataset = build(tmp_path, allow_missing=True)
    assert set(dataset.load_targets(0)) == {"gt_sem_seg", "gt_depth_map", "gt_normal_map"}
    assert set(dataset.load_targets(1)) == {"gt_sem_seg", "gt_normal_map"}
    sample = dataset[0]["data_samples"]
    for field, target in dataset.load_targets(0).items():
        assert torch.equal(target, getattr(sample, field).data)


def test_reading_twice_gives_the_same_sample(tmp_path):
    write_room(tmp_path, "a")
    for serialize in (True, False):
        dataset = build(tmp_path, serialize_data=serialize)
        first, second = dataset[0]["data_samples"], dataset[0]["data_samples"]
        assert torch.equal(first.gt_depth_map.data, second.gt_depth_map.data)
        assert dataset.get_data_info(0)["seg_fields"] == []


def test_a_list_of_samples_is_all_that_a_subclass_must_give(tmp_path):
    write_room(tmp_path, "a")

    class Own(MultiTaskFolderDataset):
        METAINFO = {"classes": CLASSES, "palette": [[i, i, i] for i in range(5)]}

    arguments = room_config(tmp_path, "semseg", metainfo={"classes": ("box", "floor")})
    labels = Own(**arguments)[0]["data_samples"].gt_sem_seg.data
    original = build(tmp_path, "semseg")[0]["data_samples"].gt_sem_seg.data
    expected = torch.full_like(original, 255)
    expected[original == 4], expected[original == 0] = 0, 1
    assert torch.equal(labels, expected)


def test_a_misspelt_key_of_a_json_list_is_refused(tmp_path):
    write_room(tmp_path, "a")
    entry = {"img_path": "image/a.png", "depth_path": "depth/a.png"}
    (tmp_path / "list.json").write_text(json.dumps({"data_list": [entry]}))
    with pytest.raises(ValueError, match=r"list\.json.*\['depth_path'\].*depth_map_path"):
        MultiTaskFolderDataset(
            **room_config(tmp_path, "depth", ann_file="list.json", allow_missing=True)
        )


def test_a_json_list_may_name_targets_that_are_not_loaded(tmp_path):
    write_room(tmp_path, "a")
    entry = {"img_path": "image/a.png", "depth_map_path": "depth/a.png"}
    entry["normal_map_path"] = "normal/a.png"
    (tmp_path / "list.json").write_text(json.dumps({"data_list": [entry]}))
    dataset = MultiTaskFolderDataset(**room_config(tmp_path, "depth", ann_file="list.json"))
    assert dataset.count_targets() == {"depth": 1}


def test_files_of_windows_editors(tmp_path):
    """They begin with a byte order mark, and their lines end in two characters."""
    write_room(tmp_path, "a", "b")
    (tmp_path / "meta.json").write_text('{"depth_scale": 1000}', encoding="utf-8-sig")
    (tmp_path / "list.txt").write_bytes("\ufeffa\r\nb\r\n".encode())
    data = MultiTaskFolderDataset(**room_config(tmp_path, "depth"), ann_file="list.txt")
    names = [data.get_data_info(n)["img_path"] for n in range(2)]
    assert names == [str(tmp_path / "image" / f"{stem}.png") for stem in "ab"]
