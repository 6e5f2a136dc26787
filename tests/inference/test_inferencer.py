import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.runner import Runner
from scenes import CLASSES
from trained_network import photographs

from mmaux.apis import MultiTaskInferencer, inference_model, init_model
from mmaux.deploy import export_network
from mmaux.inference import ImageSource
from mmaux.inference import model as module


def build(folder, **options):
    return MultiTaskInferencer(folder / "config.py", folder / "iter_9.pth", device="cpu", **options)


@pytest.fixture(scope="module")
def inferencer(folder):
    return build(folder)


def tested(folder, **changes):
    """What a Runner's test predicts, by image."""
    config = Config.fromfile(folder / "config.py")
    config.merge_from_dict(changes)
    config.work_dir = str(folder / "work")
    config.test_cfg, config.test_evaluator = {}, [{"type": "mmaux.SemSegMetric"}]
    config.load_from = str(folder / "iter_9.pth")
    runner = Runner.from_cfg(config)
    runner.load_or_resume()
    runner.model.eval()
    samples = {}
    with torch.no_grad():
        for batch in runner.test_dataloader:
            (sample,) = runner.model.test_step(batch)
            samples[sample.img_path] = sample
    return samples


def equal(prediction, sample):
    assert np.array_equal(prediction.maps["semseg"], sample.pred_sem_seg.data[0].numpy())
    assert np.array_equal(prediction.maps["depth"], sample.pred_depth_map.data[0].numpy())
    normals = sample.pred_normal_map.data.numpy()
    assert np.array_equal(prediction.maps["normal"], np.moveaxis(normals, 0, -1))


def test_predictions_are_those_of_testing_to_the_bit(folder, inferencer):
    samples = tested(folder)
    assert len(samples) == 2
    for path, sample in samples.items():
        (prediction,) = inferencer(path)
        equal(prediction, sample)
        assert len(np.unique(prediction.maps["semseg"])) > 1
        assert prediction.maps["depth"].std() > 0.05
        probabilities = sample.seg_logits.data.softmax(0)
        chosen = probabilities.gather(0, sample.pred_sem_seg.data)[0]
        np.testing.assert_array_equal(prediction.confidence, chosen.numpy())
        # An array is the same image.
        (again,) = inferencer(cv2.imread(path))
        equal(again, sample)
        model = inferencer.network
        equal(prediction, inference_model(model, path))
        (listed,) = inference_model(model, [cv2.imread(path)])
        equal(prediction, listed)


def test_test_time_augmentation_is_that_of_testing(folder):
    config = Config.fromfile(folder / "config.py")
    changes = {"test_dataloader.dataset.pipeline": config.tta_pipeline}
    samples = tested(
        folder, **changes, model={**config.tta_model, "module": config.model, "_delete_": True}
    )
    inferencer = build(folder, tta=True)
    plain = build(folder)
    for path, sample in samples.items():
        (prediction,) = inferencer(path)
        equal(prediction, sample)
        assert not np.array_equal(prediction.maps["depth"], plain(path)[0].maps["depth"])


def test_windows_are_those_of_the_config(folder):
    cut = {"mode": "slide", "crop_size": (64, 96), "stride": (42, 64)}
    samples = tested(folder, **{"model.test_cfg": cut})
    inferencer = build(folder, window=(64, 96))
    for path, sample in samples.items():
        equal(inferencer(path)[0], sample)


def test_batches_hold_images_of_one_size_in_their_order(inferencer, monkeypatch):
    # After resizing: 96x128, 96x128, 96x96, 96x128.
    sizes = [(96, 128), (96, 128), (64, 64), (96, 128)]
    images = [photographs(1, size, seed=n)[0] for n, size in enumerate(sizes)]
    alone = [inferencer(image)[0] for image in images]
    passes = []
    step = inferencer.network.test_step

    def counted(data):
        passes.append(len(data["inputs"]))
        return step(data)

    monkeypatch.setattr(inferencer.network, "test_step", counted)
    together = inferencer(images, batch_size=3)
    assert passes == [2, 1, 1]
    assert [p.name for p in together] == [f"array_{n:06d}" for n in range(4)]
    for one, other, size in zip(alone, together, sizes, strict=True):
        assert other.maps["depth"].shape == size
        np.testing.assert_allclose(other.maps["depth"], one.maps["depth"], atol=1e-4)
        assert (other.maps["semseg"] == one.maps["semseg"]).mean() > 0.99
    with pytest.raises(ValueError, match="batch_size is at least 1, found 0"):
        inferencer(images, batch_size=0)


def test_the_auxiliary_module_is_left_out_and_said_so(folder, monkeypatch):
    said = []
    monkeypatch.setattr(module, "print_log", lambda message, *_: said.append(message))
    network = init_model(folder / "config.py", folder / "iter_9.pth")
    assert network.auxiliary is None
    assert not network.training
    assert network.dataset_meta["classes"] == CLASSES
    assert len(said) == 1
    assert "iter_9.pth: the auxiliary module is left out" in said[0]


def test_half_precision_is_close(folder, inferencer):
    if not torch.cpu._is_avx512_bf16_supported():
        with pytest.raises(ValueError, match="this CPU does not compute in bfloat16"):
            MultiTaskInferencer(
                folder / "config.py", folder / "iter_9.pth", half=True, device="cpu"
            )
        return
    half = build(folder, half=True)
    image = photographs(1, (96, 128))[0]
    (rough,), (exact,) = half(image), inferencer(image)
    assert rough.maps["depth"].dtype == rough.maps["normal"].dtype == np.float32
    spread = exact.maps["depth"].std()
    difference = np.abs(rough.maps["depth"] - exact.maps["depth"]).mean()
    assert 0 < difference < 0.3 * spread


def test_exported_networks_predict_the_same(folder, tmp_path, inferencer):
    config = Config.fromfile(folder / "config.py")
    images = [str(file) for file in sorted((folder / "room" / "image").glob("*"))[:2]]
    out = tmp_path / "network.pt2"
    export_network(
        config, folder / "iter_9.pth", out=out, file_format="pt2", size=(96, 128), images=images
    )
    exported = MultiTaskInferencer(out)
    picture = photographs(1, (96, 128), seed=4)[0]
    (found,), (expected,) = exported(picture), inferencer(picture)
    np.testing.assert_allclose(found.maps["depth"], expected.maps["depth"], atol=1e-3)
    assert (found.maps["semseg"] == expected.maps["semseg"]).mean() > 0.999
    assert found.fields.keys() == expected.fields.keys()
    assert found.confidence is None

    # Larger images are resized as in testing, and what is predicted comes back at their size.
    larger = photographs(1, (192, 256), seed=5)[0]
    (found,), (expected,) = exported(larger), inferencer(larger)
    assert found.maps["depth"].shape == found.maps["semseg"].shape == (192, 256)
    np.testing.assert_allclose(found.maps["depth"], expected.maps["depth"], atol=1e-3)
    assert (found.maps["semseg"] == expected.maps["semseg"]).mean() > 0.999
    cosine = (found.maps["normal"] * expected.maps["normal"]).sum(-1)
    assert np.rad2deg(np.arccos(cosine.clip(-1, 1))).max() < 0.1
    with pytest.raises(ValueError, match="runs as it was exported: without half, tta"):
        MultiTaskInferencer(out, half=True, tta=True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"checkpoint": None}, r"config\.py' is a config; give the checkpoint too"),
        ({"checkpoint": "absent.pth"}, r"checkpoint 'absent\.pth' cannot be read"),
        ({"stride": (8, 8)}, "stride is given without a window"),
        ({"window": (0, 8)}, r"window and stride are positive, found \(0, 8\)"),
        (
            {"cfg_options": {"test_dataloader.dataset.pipeline": []}},
            r"config\.py: no test pipeline in it",
        ),
        ({"cfg_options": {"tta_model": None}, "tta": True}, "tta needs tta_model in the config"),
        (
            {"cfg_options": {"model.heads.depth": None}},
            r"iter_9\.pth' is not of this config's network",
        ),
    ],
)
def test_what_cannot_be_is_refused(folder, arguments, message):
    given = {"checkpoint": folder / "iter_9.pth", **arguments}
    with pytest.raises(ValueError, match=message):
        MultiTaskInferencer(folder / "config.py", **given)


def test_a_bad_file_stops_a_call_and_not_a_stream(folder, inferencer, tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), photographs(1, (96, 128))[0])
    (tmp_path / "b.png").write_text("junk")
    cv2.imwrite(str(tmp_path / "c.png"), photographs(1, (96, 128))[0])
    with pytest.raises(ValueError, match=r"b\.png: not an image"):
        inferencer(tmp_path)
    found = [entry for _, entry in inferencer.stream(ImageSource(tmp_path), batch_size=4)]
    assert [entry.name for entry in found] == ["a", "b", "c"]
    assert "b.png" in found[1].message
    assert np.array_equal(found[0].maps["depth"], found[2].maps["depth"])
