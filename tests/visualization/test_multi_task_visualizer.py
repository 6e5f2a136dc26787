import cv2
import numpy as np
import pytest
import torch
from mmengine.structures import PixelData
from mmseg.engine.hooks import SegVisualizationHook
from mmseg.structures import SegDataSample

from mmaux.registry import VISUALIZERS
from mmaux.visualization import MultiTaskVisualizer, draw_panel
from mmaux.visualization.multi_task_visualizer import pixel_fields

IMAGE = np.full((48, 64, 3), (250, 120, 10), np.uint8)
META = {"classes": ("wall", "floor"), "palette": [[10, 20, 30], [200, 0, 50]]}


def make_sample(**changes):
    maps = {
        "gt_sem_seg": torch.zeros(1, 48, 64, dtype=torch.int64),
        "pred_sem_seg": torch.ones(1, 48, 64, dtype=torch.int64),
        "seg_logits": torch.rand(2, 48, 64),
        "gt_depth_map": torch.full((1, 48, 64), 2.0),
        "pred_depth_map": torch.full((1, 48, 64), 3.0),
        "gt_normal_map": torch.tensor([0.0, 0, -1]).reshape(3, 1, 1).expand(3, 48, 64),
        "pred_normal_map": torch.tensor([0.0, -1, 0]).reshape(3, 1, 1).expand(3, 48, 64),
    } | changes
    sample = SegDataSample(metainfo={"img_path": "scene/frame.png"})
    for name, data in maps.items():
        if data is not None:
            sample.set_data({name: PixelData(data=data)})
    return sample


def expected(sample, prefixes=("gt_", "pred_"), **kwargs):
    fields = {
        name: value.data.numpy() for name, value in sample.items() if name.startswith(prefixes)
    }
    return draw_panel(IMAGE, fields, **{"dataset_meta": META} | kwargs)


def make(**kwargs):
    visualizer = MultiTaskVisualizer(**kwargs)
    visualizer.dataset_meta = META
    return visualizer


def test_is_built_by_scope():
    config = {"type": "mmaux.MultiTaskVisualizer", "name": "scoped", "cell_size": 300}
    visualizer = VISUALIZERS.build(config)
    assert type(visualizer) is MultiTaskVisualizer
    visualizer.add_datasample("x", IMAGE, make_sample())
    assert visualizer.get_image().shape == expected(make_sample(), cell_size=300).shape


def test_file_is_written_in_rgb_order(tmp_path):
    path = tmp_path / "new" / "panel.png"
    make().add_datasample("x", IMAGE, make_sample(), out_file=str(path))
    written = cv2.imread(str(path))[..., ::-1]
    np.testing.assert_array_equal(written, expected(make_sample()))


def test_local_backend_receives_the_panel(tmp_path):
    visualizer = make(vis_backends=[{"type": "LocalVisBackend"}], save_dir=str(tmp_path))
    visualizer.add_datasample("frame", IMAGE, make_sample(), step=7)
    written = cv2.imread(str(tmp_path / "vis_data" / "vis_image" / "frame_7.png"))[..., ::-1]
    np.testing.assert_array_equal(written, expected(make_sample()))


def test_tensorboard_backend_receives_the_panel(tmp_path):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    visualizer = make(vis_backends=[{"type": "TensorboardVisBackend"}], save_dir=str(tmp_path))
    visualizer.add_datasample("frame", IMAGE, make_sample(), step=7)
    visualizer.close()
    events = EventAccumulator(str(tmp_path / "vis_data"))
    events.Reload()
    (image,) = events.Images("frame")
    decoded = cv2.imdecode(np.frombuffer(image.encoded_image_string, np.uint8), cv2.IMREAD_COLOR)
    assert image.step == 7
    np.testing.assert_array_equal(decoded[..., ::-1], expected(make_sample()))


def test_mmseg_hook_draws_through_it(tmp_path):
    sample = make_sample()
    source = tmp_path / "frame.png"
    cv2.imwrite(str(source), IMAGE[..., ::-1])
    sample.set_metainfo({"img_path": str(source)})
    visualizer = MultiTaskVisualizer.get_instance(
        f"hook {tmp_path}", vis_backends=[{"type": "LocalVisBackend"}], save_dir=str(tmp_path)
    )
    visualizer.dataset_meta = META

    class Runner:
        iter = 3

    hook = SegVisualizationHook(draw=True, interval=1)
    hook.after_test_iter(Runner(), 0, {}, [sample])
    # The released hook counts iterations, OneDL's counts images.
    (written,) = (tmp_path / "vis_data" / "vis_image").glob("test_frame.png_[13].png")
    np.testing.assert_array_equal(cv2.imread(str(written))[..., ::-1], expected(sample))


@pytest.mark.parametrize(
    ("flags", "prefixes"),
    [({"draw_gt": False}, ("pred_",)), ({"draw_pred": False}, ("gt_",))],
)
def test_flags_choose_what_is_drawn(flags, prefixes):
    visualizer = make()
    visualizer.add_datasample("x", IMAGE, make_sample(), **flags)
    np.testing.assert_array_equal(visualizer.get_image(), expected(make_sample(), prefixes))


def test_neither_sample_nor_flags_draw_the_image_alone():
    visualizer = make()
    visualizer.add_datasample("x", IMAGE)
    np.testing.assert_array_equal(visualizer.get_image(), draw_panel(IMAGE, {}))
    visualizer.add_datasample("x", IMAGE, make_sample(), draw_gt=False, draw_pred=False)
    np.testing.assert_array_equal(visualizer.get_image(), draw_panel(IMAGE, {}))


def test_partial_and_unlabelled_samples(tmp_path):
    partial = make_sample(gt_sem_seg=None, gt_normal_map=None, pred_depth_map=None)
    visualizer = make()
    visualizer.add_datasample("x", IMAGE, partial)
    np.testing.assert_array_equal(visualizer.get_image(), expected(partial))
    visualizer.add_datasample("x", IMAGE, SegDataSample())
    np.testing.assert_array_equal(visualizer.get_image(), draw_panel(IMAGE, {}))


def test_show_opens_a_window_with_the_panel(monkeypatch):
    shown = []
    monkeypatch.setattr(
        MultiTaskVisualizer,
        "show",
        lambda self, image, win_name, wait_time: shown.append((image, win_name, wait_time)),
    )
    make().add_datasample("x", IMAGE, make_sample(), show=True, wait_time=0.5)
    ((panel, name, seconds),) = shown
    assert (name, seconds) == ("x", 0.5)
    np.testing.assert_array_equal(panel, expected(make_sample()))


def test_classes_of_another_data_set_are_never_assumed():
    assert MultiTaskVisualizer().dataset_meta == {"classes": None, "palette": None}
    given = MultiTaskVisualizer(classes=("a",), palette=[[1, 2, 3]]).dataset_meta
    assert given == {"classes": ("a",), "palette": [[1, 2, 3]]}
    named = MultiTaskVisualizer(dataset_name="ade").dataset_meta
    assert len(named["classes"]) == len(named["palette"]) == 150
    visualizer = MultiTaskVisualizer()
    visualizer.add_datasample("x", IMAGE, make_sample())
    unnamed = expected(make_sample(), dataset_meta=None)
    np.testing.assert_array_equal(visualizer.get_image(), unnamed)


def test_misspelt_argument_is_refused():
    with pytest.raises(TypeError, match="cell_sise"):
        MultiTaskVisualizer(cell_sise=300)


def test_pixel_fields_takes_what_a_panel_can_show():
    sample = make_sample(
        gt_edge_map=torch.zeros(48, 64, dtype=torch.uint8),
        gt_flow_map=torch.zeros(2, 48, 64),
        pred_depth_map=torch.ones(1, 48, 64, dtype=torch.bfloat16, requires_grad=True),
        gt_empty_map=torch.zeros(1, 0, 0),
    )
    fields = pixel_fields(sample)
    shown = {"gt_sem_seg", "pred_sem_seg", "gt_depth_map", "pred_depth_map"}
    assert set(fields) == shown | {"gt_normal_map", "pred_normal_map", "gt_edge_map"}
    assert fields["gt_edge_map"].shape == (1, 48, 64)
    assert fields["pred_depth_map"].dtype == np.float32
