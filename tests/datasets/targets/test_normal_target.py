import numpy as np
import pytest
from folders import write_png

from mmaux.datasets.conversion.encode import encode_normals
from mmaux.datasets.targets import MIRROR_SIGNS, NormalTarget, decode_normals


def unit_vectors(count=200_000, seed=0):
    vectors = np.random.default_rng(seed).normal(size=(1, count, 3))
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def degrees_between(a, b):
    # By the chord: arccos has no precision near zero.
    return np.degrees(2 * np.arcsin(np.linalg.norm(a.astype(float) - b, axis=-1) / 2))


@pytest.mark.parametrize(
    ("dtype", "half", "bound", "at_least"),
    [(np.uint8, 127.5, 0.5, 0.2), (np.uint16, 32767.5, 0.002, 0.0005)],
)
def test_decoding_error_of_random_unit_vectors(dtype, half, bound, at_least):
    vectors = unit_vectors()
    decoded = decode_normals(np.rint((vectors + 1) * half).astype(dtype))
    error = degrees_between(decoded, vectors).max()
    assert at_least < error < bound
    np.testing.assert_allclose(np.linalg.norm(decoded, axis=-1), 1, atol=1e-6)


def test_what_the_converter_writes_is_read_back():
    vectors = unit_vectors(1000)
    vectors[0, :10] = 0
    decoded = decode_normals(encode_normals(vectors))
    assert (decoded[0, :10] == 0).all()
    assert degrees_between(decoded, vectors)[0, 10:].max() < 0.002


def test_axes_black_and_grey():
    codes = np.array(
        [[[128, 128, 0], [255, 128, 128], [128, 0, 128], [0, 0, 0], [128, 127, 128]]], np.uint8
    )
    decoded = decode_normals(codes)[0]
    # Nearly grey in two channels is a valid axis vector ...
    np.testing.assert_allclose(decoded[0], [0, 0, -1], atol=0.006)
    np.testing.assert_allclose(decoded[1], [1, 0, 0], atol=0.006)
    np.testing.assert_allclose(decoded[2], [0, -1, 0], atol=0.006)
    # ... black is invalid, and grey (no direction at all) is not blown up to a unit vector.
    assert (decoded[3] == 0).all()
    assert (decoded[4] == 0).all()


def test_grey_codes_are_not_exactly_zero_so_black_marks_invalid():
    assert 127 / 127.5 - 1 != 0
    assert 128 / 127.5 - 1 != 0


def test_channels_of_the_file_are_x_y_z(tmp_path):
    vectors = unit_vectors(6).reshape(2, 3, 3)
    path = str(write_png(tmp_path / "n.png", encode_normals(vectors)))
    assert degrees_between(NormalTarget().load(path), vectors).max() < 0.002


def test_npy_vectors_get_unit_length(tmp_path):
    np.save(tmp_path / "n.npy", np.array([[[0, 0, -2.0], [0, 0, 0], [0.6, -0.8, 0]]]))
    loaded = NormalTarget().load(str(tmp_path / "n.npy"))
    np.testing.assert_allclose(loaded, [[[0, 0, -1], [0, 0, 0], [0.6, -0.8, 0]]], atol=1e-6)


def test_bad_files_are_named(tmp_path):
    np.save(tmp_path / "nan.npy", np.full((2, 2, 3), np.nan))
    with pytest.raises(ValueError, match=r"nan\.npy: NaN"):
        NormalTarget().load(str(tmp_path / "nan.npy"))
    path = write_png(tmp_path / "gray.png", np.zeros((4, 5), np.uint8))
    with pytest.raises(ValueError, match=r"gray\.png: normals are \(H, W, 3\), found shape \(4, 5"):
        NormalTarget().load(str(path))
    with pytest.raises(ValueError, match="uint8 or uint16, found int32"):
        decode_normals(np.zeros((1, 1, 3), np.int32))


def test_tensor_is_channels_first():
    tensor = NormalTarget().to_tensor(np.array([[[0.6, -0.8, 0.0], [0, 0, -1]]]))
    assert tensor.shape == (3, 1, 2)
    np.testing.assert_allclose(tensor[:, 0, 0], [0.6, -0.8, 0])


def codes(dtype, shape=(30, 40)):
    vectors = unit_vectors(shape[0] * shape[1]).reshape(*shape, 3)
    half = np.iinfo(dtype).max / 2
    array = np.rint((vectors + 1) * half).astype(dtype)
    array[5:9, 10:20] = 0
    return array


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_decoding_by_planes_is_that_of_vectors(dtype):
    array = codes(dtype)
    vectors = array / (np.iinfo(dtype).max / 2) - 1
    vectors /= np.linalg.norm(vectors, axis=-1, keepdims=True)
    vectors[5:9, 10:20] = 0
    decoded = decode_normals(array)
    np.testing.assert_allclose(decoded, vectors, atol=1.2e-7)
    assert decoded.dtype == np.float32


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_pipeline_carries_codes_and_the_tensor_is_decoded(tmp_path, dtype):
    array = codes(dtype)
    path = str(write_png(tmp_path / "n.png", array))
    target = NormalTarget()
    carried = target.read(path)
    np.testing.assert_array_equal(carried, array)
    assert carried.dtype == dtype
    tensor = target.to_tensor(carried[3:20, 4:])
    assert str(tensor.dtype) == "torch.float32"
    expected = target.load(path)[3:20, 4:].transpose(2, 0, 1)
    np.testing.assert_array_equal(tensor.numpy(), expected)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("direction", list(MIRROR_SIGNS))
def test_codes_are_mirrored_as_vectors_are(dtype, direction):
    target, array = NormalTarget(), codes(dtype)
    before = array.copy()
    mirrored = target.flipped(array, direction)
    assert mirrored.dtype == dtype
    np.testing.assert_array_equal(array, before)
    expected = decode_normals(array) * np.array(MIRROR_SIGNS[direction])
    np.testing.assert_array_equal(decode_normals(mirrored), expected)
    assert not decode_normals(mirrored)[5:9, 10:20].any()
    np.testing.assert_array_equal(target.flipped(mirrored, direction), array)


def test_codes_are_turned_as_vectors_are():
    target, array = NormalTarget(), codes(np.uint16)
    expected = target.rotated(decode_normals(array), 20.0)
    np.testing.assert_array_equal(target.rotated(array, 20.0), expected)


def test_npy_vectors_are_carried_as_they_are(tmp_path):
    np.save(tmp_path / "n.npy", np.array([[[0, 0, -2.0], [0, 0, 0]]]))
    carried = NormalTarget().read(str(tmp_path / "n.npy"))
    np.testing.assert_array_equal(carried, [[[0, 0, -1], [0, 0, 0]]])


def test_a_subclass_sees_vectors(tmp_path):
    class UpwardTarget(NormalTarget):
        def load(self, path, *, backend_args=None):
            return super().load(path, backend_args=backend_args) * np.float32([1, -1, 1])

    path = str(write_png(tmp_path / "n.png", codes(np.uint16)))
    carried = UpwardTarget().read(path)
    np.testing.assert_array_equal(carried, NormalTarget().load(path) * np.float32([1, -1, 1]))


def test_codes_taken_for_vectors_are_noticed():
    with pytest.raises(ValueError, match=r"gt_normal_map has a component of .*decode_normals"):
        NormalTarget().to_tensor(codes(np.uint16) * np.float32([-1, 1, 1]))
    with pytest.raises(ValueError, match="gt_normal_map has a component of"):
        NormalTarget().to_tensor(codes(np.uint8).astype(np.float32))
