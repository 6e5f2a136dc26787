import cv2
import numpy as np
import pytest
from folders import write_png

from mmaux.datasets.targets import DepthTarget, decode_sunrgbd_depth


def bound(layout=None, **kwargs):
    target = DepthTarget(**kwargs)
    target.bind(metainfo={"layout": layout or {}}, source_classes=())
    return target


def test_millimetres_by_default(tmp_path):
    path = write_png(tmp_path / "d.png", np.array([[0, 1, 2500, 65535]], np.uint16))
    depth = bound().load(str(path))
    np.testing.assert_allclose(depth, [[0, 0.001, 2.5, 65.535]], rtol=1e-6)
    assert depth.dtype == np.float32


def test_scale_of_meta_json_and_of_the_config(tmp_path):
    path = str(write_png(tmp_path / "d.png", np.array([[5000]], np.uint16)))
    assert bound({"depth_scale": 5000}).load(path) == pytest.approx(1.0)
    assert bound({"depth_scale": 5000}, scale=256).load(path) == pytest.approx(19.53125)


@pytest.mark.parametrize("scale", [0, -1, "many", None])
def test_an_impossible_depth_scale_is_refused(scale):
    with pytest.raises(ValueError, match=r"depth_scale in meta\.json"):
        bound({"depth_scale": scale})


# code: low three bits move to the top, worked out by hand.
# 0x0008 -> 0x0001; 0x0001 -> 0x2000 = 8192; 0x0007 -> 0xE000 = 57344;
# 0x4E20 = 20000 = 2500 << 3 -> 2500; 0x4E23 -> 0x69C4 = 2500 + 3 * 8192 = 27076.
@pytest.mark.parametrize(
    ("code", "metres"),
    [(0, 0), (0x0008, 0.001), (0x0001, 8.192), (0x0007, 57.344), (0x4E20, 2.5), (0x4E23, 27.076)],
)
def test_sunrgbd_bits(tmp_path, code, metres):
    codes = np.array([[code]], np.uint16)
    np.testing.assert_allclose(decode_sunrgbd_depth(codes), [[metres]], rtol=1e-6)
    path = str(write_png(tmp_path / "d.png", codes))
    np.testing.assert_allclose(bound(encoding="sunrgbd").load(path), [[metres]], rtol=1e-6)


def test_sunrgbd_bits_in_wide_integers_would_be_nonsense():
    codes = np.array([[0x4E20, 0x4E23]])
    wide = (codes.astype(np.int32) >> 3) | (codes.astype(np.int32) << 13)
    right = decode_sunrgbd_depth(codes.astype(np.uint16))
    assert (np.abs(wide / 1000 - right) > 1000).all()
    with pytest.raises(ValueError, match="uint16, found int32"):
        decode_sunrgbd_depth(codes.astype(np.int32))


def test_sunrgbd_error_names_the_file(tmp_path):
    path = write_png(tmp_path / "byte.png", np.zeros((2, 2), np.uint8))
    with pytest.raises(ValueError, match=r"byte\.png.*uint16, found uint8"):
        bound(encoding="sunrgbd").load(str(path))


def test_npy_holds_metres_whatever_the_scale(tmp_path):
    values = np.array([[0, 1.25], [3.5, 7]])
    np.save(tmp_path / "d.npy", values)
    depth = bound(scale=10).load(str(tmp_path / "d.npy"))
    np.testing.assert_array_equal(depth, values)
    assert depth.dtype == np.float32


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.nan, r"d\.npy: 1 depth values are NaN or infinite"),
        (np.inf, r"d\.npy: 1 depth values are NaN or infinite"),
        (-0.5, r"d\.npy: negative depth \(-0\.5 m\)"),
    ],
)
def test_impossible_depth_names_the_file(tmp_path, value, message):
    np.save(tmp_path / "d.npy", np.array([[1.0, value]]))
    with pytest.raises(ValueError, match=message):
        bound().load(str(tmp_path / "d.npy"))


def test_images_of_floats_hold_metres_unless_the_config_scales_them(tmp_path):
    values = np.array([[0.5, 4.0]], np.float32)
    cv2.imwrite(str(tmp_path / "d.tif"), values)
    for target in (bound(), bound(layout={"depth_scale": 1000})):
        assert np.array_equal(target.load(str(tmp_path / "d.tif")), values)
    assert np.array_equal(bound(scale=10).load(str(tmp_path / "d.tif")), values / 10)


def test_codes_in_npy_are_refused(tmp_path):
    np.save(tmp_path / "d.npy", np.array([[500, 4000]], np.uint16))
    with pytest.raises(
        ValueError, match=r"d\.npy: found uint16, expected floats, which are metres"
    ):
        bound().load(str(tmp_path / "d.npy"))


def test_a_truncated_npy_names_the_file(tmp_path):
    np.save(tmp_path / "whole.npy", np.ones((20, 20)))
    (tmp_path / "cut.npy").write_bytes((tmp_path / "whole.npy").read_bytes()[:500])
    with pytest.raises(ValueError, match=r"cut\.npy: not a readable \.npy"):
        bound().load(str(tmp_path / "cut.npy"))


def test_pickled_objects_are_not_loaded(tmp_path):
    np.save(tmp_path / "o.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match=r"o\.npy: not a readable"):
        bound().load(str(tmp_path / "o.npy"))


def test_several_channels_are_refused(tmp_path):
    path = write_png(tmp_path / "rgb.png", np.ones((4, 5, 3), np.uint8))
    with pytest.raises(ValueError, match=r"rgb\.png: a depth map is \(H, W\), found.*\(4, 5, 3\)"):
        bound().load(str(path))


def test_max_depth_makes_far_pixels_invalid(tmp_path):
    path = write_png(tmp_path / "d.png", np.array([[7999, 8000, 8001]], np.uint16))
    np.testing.assert_allclose(bound(max_depth=8.0).load(str(path)), [[7.999, 8.0, 0]])


@pytest.mark.parametrize("arguments", [{"encoding": "bits"}, {"scale": 0}, {"scale": -5}])
def test_arguments_are_checked(arguments):
    with pytest.raises(ValueError, match=next(iter(arguments))):
        DepthTarget(**arguments)


def test_tensor_keeps_metres():
    tensor = DepthTarget().to_tensor(np.array([[1.5, 0]], np.float64))
    assert tensor.tolist() == [[[1.5, 0.0]]]
    assert str(tensor.dtype) == "torch.float32"


def test_an_eight_bit_map_needs_a_stated_scale(tmp_path):
    path = str(write_png(tmp_path / "byte.png", np.full((2, 2), 51, np.uint8)))
    assumed = DepthTarget()
    assumed.bind(metainfo={"layout": {}}, source_classes=())
    with pytest.raises(ValueError, match=r"byte\.png: an 8-bit depth map.*scale"):
        assumed.load(path)
    in_config = DepthTarget(scale=25.5)
    in_config.bind(metainfo={"layout": {}}, source_classes=())
    in_meta = DepthTarget()
    in_meta.bind(metainfo={"layout": {"depth_scale": 25.5}}, source_classes=())
    for target in (in_config, in_meta):
        np.testing.assert_allclose(target.load(path), 2.0)
