import json
from dataclasses import replace
from functools import partial

import cv2
import numpy as np
import pytest
from room_folder import write_room
from scenes import CLASSES
from trained_network import photographs

from mmaux.apis import MultiTaskInferencer
from mmaux.datasets import MultiTaskFolderDataset
from mmaux.datasets.targets import SceneTarget, decode_normals
from mmaux.inference import Frame, ImageSource, Prediction, ResultWriter
from mmaux.utils.files import OutputPathError


@pytest.fixture(scope="module")
def inferencer(folder):
    return MultiTaskInferencer(folder / "config.py", folder / "iter_9.pth", device="cpu")


def test_files_hold_what_was_predicted(tmp_path, inferencer):
    for number, picture in enumerate(photographs(2, (96, 128))):
        (tmp_path / "in" / "deep").mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(tmp_path / "in" / "deep" / f"{number}.png"), picture)
    out = tmp_path / "out"
    writer = ResultWriter(out, ["png", "npz", "panel"], dataset_meta=inferencer.dataset_meta)
    assert inferencer.write(ImageSource(tmp_path / "in"), writer) == (2, [])
    predictions = inferencer(tmp_path / "in")
    for prediction in predictions:
        arrays = np.load(out / "npz" / f"{prediction.name}.npz")
        assert set(arrays) == {"semseg", "depth", "normal", "confidence"}
        for task, values in prediction.maps.items():
            assert np.array_equal(arrays[task], values)
        confidence = cv2.imread(str(out / "confidence" / f"{prediction.name}.png"), -1)
        assert np.abs(confidence / 255 - prediction.confidence).max() <= 0.5001 / 255
        panel = cv2.imread(str(out / "panel" / f"{prediction.name}.png"))
        assert panel.shape[1] > 3 * 256
        assert panel.std() > 20

    # The folder is a data set in the common layout.
    (out / "image").symlink_to(tmp_path / "in")
    meta = json.loads((out / "meta.json").read_text())
    assert meta["predicted"] is True
    data = MultiTaskFolderDataset(
        data_root=str(out), targets=("semseg", "depth", "normal"), pipeline=[]
    )
    assert data.metainfo["classes"] == CLASSES
    for index, prediction in enumerate(predictions):
        info = data.get_data_info(index)
        targets = info["targets"]
        read = {task: target.read(info[target.path_key]) for task, target in targets.items()}
        assert np.array_equal(read["semseg"], prediction.maps["semseg"])
        assert np.abs(read["depth"] - prediction.maps["depth"]).max() <= 0.5001e-3
        cosine = (decode_normals(read["normal"]) * prediction.maps["normal"].astype(float)).sum(-1)
        assert np.rad2deg(np.arccos(cosine.clip(-1, 1))).max() < 0.05


def test_a_video_of_panels(tmp_path, inferencer):
    code = cv2.VideoWriter.fourcc(*"MJPG")
    for name, count in (("one", 3), ("two", 2)):
        video = cv2.VideoWriter(str(tmp_path / f"{name}.avi"), code, 5.0, (128, 96))
        for picture in photographs(count, (96, 128)):
            video.write(picture)
        video.release()
    writer = ResultWriter(tmp_path / "out", ["video"], dataset_meta=inferencer.dataset_meta)
    source = ImageSource([tmp_path / "one.avi", tmp_path / "two.avi"])
    assert inferencer.write(source, writer, batch_size=2) == (5, [])
    for name, count in (("one", 3), ("two", 2)):
        capture = cv2.VideoCapture(str(tmp_path / "out" / "video" / f"{name}.mp4"))
        assert capture.get(cv2.CAP_PROP_FRAME_COUNT) == count
        assert capture.get(cv2.CAP_PROP_FPS) == 5.0
        assert capture.read()[1].std() > 20
    assert not (tmp_path / "out" / "panel").exists()


class TimedSource(ImageSource):
    """Frames as a webcam's, half a second apart."""

    def __iter__(self):
        for number, picture in enumerate(photographs(3, (96, 128))):
            yield Frame(f"webcam0/{number:06d}", picture, 10.0, 0.5 * number)


def test_a_video_plays_in_the_time_of_its_frames(tmp_path, inferencer):
    writer = ResultWriter(tmp_path, ["video"], dataset_meta=inferencer.dataset_meta)
    assert inferencer.write(TimedSource(0, max_frames=3), writer) == (3, [])
    video = cv2.VideoCapture(str(tmp_path / "video" / "webcam0.mp4"))
    assert video.get(cv2.CAP_PROP_FRAME_COUNT) == 5 + 5 + 1


def test_a_video_that_cannot_be_written_is_an_error(tmp_path, inferencer):
    writer = ResultWriter(tmp_path, ["video"], dataset_meta=inferencer.dataset_meta)
    (prediction,) = inferencer(photographs(1, (96, 128))[0])
    with pytest.raises(OSError, match=r"cannot write an mp4 of \d+ x \d+ pixels with 90000 frames"):
        writer.write(replace(prediction, name="v/0"), fps=90000.0)


def test_a_video_is_finished_though_an_image_fails(tmp_path, inferencer):
    video = cv2.VideoWriter(
        str(tmp_path / "v.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 5.0, (128, 96)
    )
    for picture in photographs(3, (96, 128)):
        video.write(picture)
    video.release()
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").write_text("junk")
    with pytest.raises(ValueError, match="not an image that can be decoded"):
        inferencer([tmp_path / "v.avi", tmp_path / "in"], out_dir=tmp_path / "o", save=["video"])
    found = cv2.VideoCapture(str(tmp_path / "o" / "video" / "v.mp4"))
    assert found.get(cv2.CAP_PROP_FRAME_COUNT) == 3


def test_inputs_are_not_replaced(tmp_path, inferencer):
    (tmp_path / "panel").mkdir()
    file = tmp_path / "panel" / "kitchen.png"
    cv2.imwrite(str(file), photographs(1, (96, 128))[0])
    before = file.read_bytes()
    with pytest.raises(OutputPathError, match=r"kitchen\.png' lies in '.*panel', where"):
        inferencer(file, out_dir=tmp_path)
    assert file.read_bytes() == before
    inferencer(file, out_dir=tmp_path, save=["npz"])
    with pytest.raises(ValueError, match="only videos are asked for, but no input is a video"):
        inferencer(file, out_dir=tmp_path, save=["video"])


def test_predictions_of_other_classes_are_not_mixed(tmp_path):
    meta = {"predicted": True, "classes": ["wall", "floor"]}
    (tmp_path / "meta.json").write_text(json.dumps(meta))
    ResultWriter(tmp_path, ["png"], dataset_meta={"classes": ("wall", "floor")})
    with pytest.raises(OutputPathError, match="with the classes wall, floor, but this network has"):
        ResultWriter(tmp_path, ["png"], dataset_meta={"classes": ("floor", "wall")})
    (tmp_path / "meta.json").write_text("{")
    with pytest.raises(OutputPathError, match=r"meta\.json' is no JSON"):
        ResultWriter(tmp_path, ["png"], dataset_meta={})
    (tmp_path / "meta.json").write_text("[]")
    with pytest.raises(OutputPathError, match="holds a data set"):
        ResultWriter(tmp_path, ["png"], dataset_meta={})


def test_unknown_kinds_are_refused(tmp_path):
    for kinds in (["pdf"], []):
        with pytest.raises(ValueError, match=r"save: found (pdf|nothing), expected some of png"):
            ResultWriter(tmp_path, kinds, dataset_meta={})


def test_a_predicted_scene_reads_back_as_a_target(tmp_path):
    scenes = ("study", "living room", "hall")
    picture = np.zeros((4, 6, 3), np.uint8)
    writer = ResultWriter(tmp_path / "out", ["png", "npz"], dataset_meta={"scenes": scenes})
    for name, index in (("a", 1), ("deep/b", 2)):
        writer.write(Prediction(name, picture, {"scene": np.int64(index)}))
    assert (tmp_path / "out/scene/a.txt").read_text() == "living room\n"
    assert np.load(tmp_path / "out/npz/a.npz")["scene"] == 1
    target = SceneTarget()
    meta = json.loads((tmp_path / "out/meta.json").read_text())
    target.bind(metainfo=meta, source_classes=())
    assert target.load(str(tmp_path / "out/scene/deep/b.txt")).item() == 2
    # A network whose scenes nobody has named.
    unnamed = ResultWriter(tmp_path / "unnamed", ["png"], dataset_meta={})
    unnamed.write(Prediction("a", picture, {"scene": np.int64(1)}))
    assert (tmp_path / "unnamed/scene/a.txt").read_text() == "1\n"


def test_a_data_set_is_not_overwritten(tmp_path, inferencer):
    writer = partial(ResultWriter, dataset_meta=inferencer.dataset_meta)
    write_room(tmp_path / "room")
    before = {file: file.read_bytes() for file in (tmp_path / "room").rglob("*.*")}
    for folder in ("room", "labels"):
        (tmp_path / "labels" / "label").mkdir(parents=True, exist_ok=True)
        with pytest.raises(OutputPathError, match=rf"{folder}' holds a data set"):
            writer(tmp_path / folder, ["png"])
    writer(tmp_path / "room", ["panel"])
    assert before == {file: file.read_bytes() for file in before}
    # What predictions wrote may be written again.
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "meta.json").write_text('{"predicted": true}')
    writer(tmp_path / "out", ["png"])


@pytest.mark.parametrize("name", ["photos", "photos/deep/out"])
def test_predictions_do_not_go_where_images_come_from(tmp_path, inferencer, name):
    (tmp_path / "photos").mkdir()
    cv2.imwrite(str(tmp_path / "photos" / "a.png"), photographs(1, (96, 128))[0])
    writer = ResultWriter(tmp_path / name, ["panel"], dataset_meta=inferencer.dataset_meta)
    with pytest.raises(OutputPathError, match=r"lies in '.*photos', so that the next run would"):
        inferencer.write(ImageSource(tmp_path / "photos"), writer)
    with pytest.raises(OutputPathError, match="choose another folder for the predictions"):
        inferencer(tmp_path / "photos", out_dir=tmp_path / name)
    beside = ResultWriter(tmp_path / "out", ["panel"], dataset_meta=inferencer.dataset_meta)
    assert inferencer.write(ImageSource(tmp_path / "photos"), beside) == (1, [])
