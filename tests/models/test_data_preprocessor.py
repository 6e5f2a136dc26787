import pytest
import torch
from mmengine.structures import PixelData
from mmseg.models import SegDataPreProcessor
from networks import batch, sample

from mmaux.models import MultiTaskDataPreProcessor


def two_sizes():
    small = batch(("semseg", "depth", "normal"), size=(20, 30), seed=1)
    large = batch(("depth",), size=(24, 40), seed=2)
    return {key: small[key] + large[key] for key in small}


def test_targets_are_padded_with_invalid_values():
    data = two_sizes()
    out = MultiTaskDataPreProcessor(size=(32, 48))(data, training=True)
    first, second = out["data_samples"]
    for original, padded, size in (
        (data["data_samples"][0], first, (20, 30)),
        (data["data_samples"][1], second, (24, 40)),
    ):
        for name, fill in (("gt_sem_seg", 255), ("gt_depth_map", 0), ("gt_normal_map", 0)):
            if name not in original:
                assert name not in padded
                continue
            values = getattr(padded, name).data
            assert values.shape[-2:] == (32, 48)
            kept = values[:, : size[0], : size[1]]
            assert torch.equal(kept, getattr(original, name).data)
            assert (values[:, size[0] :] == fill).all()
            assert (values[:, :, size[1] :] == fill).all()
        assert padded.metainfo["pad_shape"] == (32, 48)
        assert padded.metainfo["img_shape"] == size
        assert tuple(padded.metainfo["padding_size"]) == (0, 48 - size[1], 0, 32 - size[0])


def test_mmseg_would_write_255_metres():
    data = two_sizes()
    for each in data["data_samples"]:  # mmseg's cannot pad normals at all
        each.pop("gt_normal_map", None)
    theirs = SegDataPreProcessor(size=(32, 48))(data, training=True)["data_samples"][0]
    assert (theirs.gt_depth_map.data[:, 20:] == 255).all()
    ours = MultiTaskDataPreProcessor(size=(32, 48))(two_sizes(), training=True)["data_samples"][0]
    assert (ours.gt_depth_map.data[:, 20:] == 0).all()


def test_the_fill_value_of_the_packing_decides():
    data = batch(("depth",), size=(4, 4))
    field = PixelData(metainfo={"fill_value": -7.0})
    field.data = torch.ones(1, 4, 4)
    data["data_samples"][0].set_data({"gt_disparity": field})
    out = MultiTaskDataPreProcessor(size=(6, 6))(data, training=True)["data_samples"][0]
    assert (out.gt_disparity.data[:, 4:] == -7).all()
    assert out.gt_disparity.data[:, :4, :4].eq(1).all()
    assert out.gt_disparity.metainfo == {"fill_value": -7.0}


def test_seg_pad_val_is_the_default_of_integers_only():
    data = batch(("semseg", "depth"), size=(4, 4))
    out = MultiTaskDataPreProcessor(size=(6, 6), seg_pad_val=9)(data, training=True)
    sample = out["data_samples"][0]
    assert (sample.gt_sem_seg.data[:, 4:] == 9).all()
    assert (sample.gt_depth_map.data[:, 4:] == 0).all()


def test_images_are_normalised_and_padded_as_mmseg_does():
    arguments = {
        "mean": [10.0, 20, 30],
        "std": [2.0, 4, 5],
        "bgr_to_rgb": True,
        "size_divisor": 32,
        "pad_val": 3,
    }
    data = two_sizes()
    ours = MultiTaskDataPreProcessor(**arguments)(data, training=True)["inputs"]
    red = (data["inputs"][0][2].float() - 10) / 2
    assert ours.shape == (2, 3, 32, 64)
    assert torch.equal(ours[0, 0, :20, :30], red)
    assert (ours[0, :, 20:] == 3).all()
    plain = {"inputs": data["inputs"], "data_samples": [sample((4, 4), generator=None)] * 2}
    assert torch.equal(ours, SegDataPreProcessor(**arguments)(plain, training=True)["inputs"])


def test_in_testing_ground_truth_keeps_its_size():
    data = batch(("semseg", "depth"), size=(20, 30))
    data["inputs"] = [torch.zeros(3, 10, 15, dtype=torch.uint8)]  # resized; targets are not
    out = MultiTaskDataPreProcessor(test_cfg={"size_divisor": 16})(data, training=False)
    assert out["inputs"].shape == (1, 3, 16, 16)
    kept = out["data_samples"][0]
    assert torch.equal(kept.gt_depth_map.data, data["data_samples"][0].gt_depth_map.data)
    assert tuple(kept.metainfo["img_padding_size"]) == (0, 1, 0, 6)


def test_the_given_batch_is_left_as_it_was():
    data = two_sizes()
    before = data["data_samples"][0].gt_depth_map.data.clone()
    for _ in range(2):  # the second time would fail had the first taken the fields away
        MultiTaskDataPreProcessor(size=(32, 48))(data, training=True)
    assert torch.equal(data["data_samples"][0].gt_depth_map.data, before)


@pytest.mark.parametrize("size", [(10, 15), (40, 60)])
def test_a_target_of_another_size_than_its_image_is_refused(size):
    data = batch(("depth",), size=size)
    data["data_samples"][0].set_metainfo({"img_path": "room.png"})
    data["inputs"] = [torch.zeros(3, 20, 30, dtype=torch.uint8)]
    message = rf"room\.png: gt_depth_map is \({size[0]}, {size[1]}\) but the image is \(20, 30\)"
    with pytest.raises(ValueError, match=message):
        MultiTaskDataPreProcessor(size=(64, 64))(data, training=True)


def test_targets_follow_the_device():
    processor = MultiTaskDataPreProcessor(size=(32, 48))
    processor._device = torch.device("meta")  # where .to() would have put it
    out = processor(two_sizes(), training=True)
    assert out["inputs"].device.type == "meta"
    for padded in out["data_samples"]:
        assert padded.gt_depth_map.data.device.type == "meta"
