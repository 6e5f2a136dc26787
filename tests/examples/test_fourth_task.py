"""The example project is run as its README says, and its task's numbers are checked by hand."""

import importlib
import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import MODELS as ROOT_MODELS
from mmengine.registry import Registry
from mmengine.structures import PixelData
from mmseg.structures import SegDataSample

from mmaux.datasets.targets import build_targets
from mmaux.registry import MODELS
from mmaux.visualization import draw_panel

REPOSITORY = Path(__file__).resolve().parents[2]
EXAMPLE = REPOSITORY / "examples" / "fourth_task"
TASKS = ("semseg", "depth", "normal", "edge")
ITERATIONS = 16


def example_module(name: str) -> ModuleType:
    """A module of the example, as ``custom_imports`` finds it."""
    if str(EXAMPLE) not in sys.path:
        sys.path.insert(0, str(EXAMPLE))
    return importlib.import_module(name)


@pytest.fixture(scope="session")
def edge_task() -> ModuleType:
    return example_module("edge_task")


@pytest.fixture(scope="session")
def make_data() -> ModuleType:
    return example_module("make_data")


def edge_head(edge_task: ModuleType):
    decoder = {"type": "mmseg.FCNHead", "in_channels": 4, "channels": 4, "num_convs": 0}
    decoder |= {"concat_input": False, "in_index": 0}
    return edge_task.EdgeHead(decoder=decoder)


# The project as a whole ----------------------------------------------------------------------


def run(*command: object, folder: Path) -> str:
    """Run a Python command away from the checkout; its output."""
    path = os.pathsep.join([str(EXAMPLE), str(REPOSITORY)])
    done = subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the example was trained for a few steps."""
    folder = tmp_path_factory.mktemp("project")
    made = ("data/shapes", "--train", 8, "--test", 2, "--size", 48, 64)
    run(EXAMPLE / "make_data.py", *made, folder=folder)
    run(
        REPOSITORY / "tools" / "train.py",
        EXAMPLE / "config.py",
        "--cfg-options",
        f"train_cfg.max_iters={ITERATIONS}",
        f"train_cfg.val_interval={ITERATIONS}",
        f"default_hooks.checkpoint.interval={ITERATIONS}",
        "default_hooks.logger.interval=4",
        "train_dataloader.batch_size=2",
        "train_dataloader.dataset.pipeline.3.crop_size=(48,64)",
        "model.data_preprocessor.size=(48,64)",
        folder=folder,
    )
    return folder


def scalars(folder: Path) -> list[dict[str, float]]:
    """What training logged, a dict for each interval."""
    (log,) = folder.glob("work_dirs/config/*/vis_data/scalars.json")
    return [json.loads(line) for line in log.read_text().splitlines()]


def test_training_learns_all_four_tasks_and_their_auxiliary_chains(trained: Path) -> None:
    logged = [entry for entry in scalars(trained) if "edge.loss_edge" in entry]
    assert logged[-1]["iter"] == ITERATIONS
    for task in TASKS:
        assert any(key.startswith(f"{task}.loss_") for key in logged[0])
        assert any(key.startswith(f"{task}.aux.loss_") for key in logged[0])
    for key in ("edge.loss_edge", "edge.aux.loss_edge"):
        # An undecided network has ln 2.
        assert logged[0][key] == pytest.approx(math.log(2), abs=0.1)
        assert logged[-1][key] < logged[0][key]


def test_test_tool_gives_edge_metrics_and_panels(trained: Path) -> None:
    checkpoint = trained / "work_dirs" / "config" / f"iter_{ITERATIONS}.pth"
    command = (REPOSITORY / "tools" / "test.py", EXAMPLE / "config.py", checkpoint)
    run(*command, "--work-dir", "tested", "--show-dir", "panels", "--tta", folder=trained)
    (result,) = trained.glob("tested/*/*.json")
    values = json.loads(result.read_text())
    for name in ("F", "threshold", "AP"):
        assert 0 <= values[f"edge/{name}"] <= 1
    assert {"semseg/mIoU", "depth/rmse", "normal/mean"} <= set(values)
    panels = sorted(trained.glob("panels/**/*.png"))
    assert len(panels) == 2
    height, width = cv2.imread(str(panels[0])).shape[:2]
    assert width > 5 * 256  # the image and four tasks side by side
    assert height > 300


def test_prediction_is_bit_equal_without_the_auxiliary_module(
    trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    example_module("edge_task")
    config = Config.fromfile(EXAMPLE / "config.py")
    state = torch.load(
        trained / "work_dirs" / "config" / f"iter_{ITERATIONS}.pth", weights_only=False
    )["state_dict"]
    assert any(key.startswith("auxiliary.heads.edge.") for key in state)
    network = MODELS.build(config.model)
    network.load_state_dict(state)
    config.model.auxiliary = None
    stripped = MODELS.build(config.model)
    stripped.load_state_dict(
        {key: value for key, value in state.items() if not key.startswith("auxiliary.")}
    )
    images = torch.randn(2, 3, 48, 64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        first, second = (model.eval().predict(images) for model in (network, stripped))
    for one, other in zip(first, second, strict=True):
        for field in ("seg_logits", "pred_depth_map", "pred_normal_map", "pred_edge_map"):
            assert torch.equal(getattr(one, field).data, getattr(other, field).data)


# The data ------------------------------------------------------------------------------------


def test_made_frames_agree_with_themselves(make_data: ModuleType) -> None:
    frame = make_data.render((48, 64), np.random.default_rng(3))
    pixels = np.stack([*np.mgrid[:48, :64][::-1], np.ones((48, 64))], axis=-1)
    rays = pixels @ np.linalg.inv(make_data.camera_of((48, 64))).T
    points = rays * frame["depth"][..., None]
    floor = frame["label"] == make_data.FLOOR
    assert np.ptp(points[floor][:, 1]) < 1e-9  # y, the height, is the same all over the floor
    # On any plane neighbours differ by a vector that is perpendicular to the normal.
    same = (frame["normal"][:, 1:] == frame["normal"][:, :-1]).all(-1)
    same &= frame["edge"][:, 1:] + frame["edge"][:, :-1] == 0
    along = (np.diff(points, axis=1) * frame["normal"][:, 1:]).sum(-1)
    assert np.quantile(np.abs(along[same]), 0.95) < 1e-9  # two panels of a class may touch
    assert (frame["normal"] * rays).sum(-1).max() < 0  # faces the camera
    assert np.allclose(np.linalg.norm(frame["normal"], axis=-1), 1)


def test_edges_are_two_pixels_wide(make_data: ModuleType) -> None:
    labels = np.zeros((4, 6), np.uint8)
    labels[:, 3:] = 1
    edges = make_data.edges_of(labels)
    assert edges.tolist() == [[0, 0, 1, 1, 0, 0]] * 4
    assert (make_data.edges_of(labels.T) == edges.T).all()


def test_edge_target_reads_and_refuses(edge_task: ModuleType, tmp_path: Path) -> None:
    target = build_targets(("edge",))["edge"]  # found by its name
    assert isinstance(target, edge_task.EdgeTarget)
    path = str(tmp_path / "a.png")
    edges = np.array([[0, 1, 255]], np.uint8)
    cv2.imwrite(path, edges)
    tensor = target.to_tensor(target.flipped(target.load(path), "horizontal"))
    assert tensor.dtype == torch.int64
    assert tensor.tolist() == [[[0, 1, 255]]]
    cv2.imwrite(path, edges + 1)
    with pytest.raises(ValueError, match=r"a\.png.*found \[2\]"):
        target.load(path)
    cv2.imwrite(path, np.zeros((2, 2, 3), np.uint8))
    with pytest.raises(ValueError, match=r"a\.png.*one channel"):
        target.load(path)


# The loss ------------------------------------------------------------------------------------


def test_loss_by_hand(edge_task: ModuleType) -> None:
    # sigmoid(ln 3) = 3/4, sigmoid(-ln 3) = 1/4.
    logits = math.log(3) * torch.tensor([[[[1.0, -1.0, -1.0, 1.0, 9.0]]]])
    target = torch.tensor([[[[1, 0, 0, 0, 255]]]])
    edge, rest = -math.log(3 / 4), -(2 * math.log(3 / 4) + math.log(1 / 4)) / 3
    loss = edge_task.balanced_edge_loss(logits, target)
    assert loss.item() == pytest.approx((edge + rest) / 2, rel=1e-6)


def test_loss_is_the_weighted_cross_entropy_of_torch(edge_task: ModuleType) -> None:
    """Xie & Tu's weights |Y-|/|Y| and |Y+|/|Y|, divided by 2 |Y+||Y-|/|Y|."""
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(2, 1, 9, 11, generator=generator)
    target = (torch.rand(2, 1, 9, 11, generator=generator) < 0.1).long()
    edges = target.sum()
    share = edges / target.numel()
    weight = torch.where(target == 1, 1 - share, share)
    total = torch.nn.functional.binary_cross_entropy_with_logits(
        logits, target.float(), weight=weight, reduction="sum"
    )
    expected = total / (2 * edges * (1 - share))
    torch.testing.assert_close(edge_task.balanced_edge_loss(logits, target), expected)


@pytest.mark.parametrize("value", [0, 1, 255])
def test_loss_and_gradient_are_finite_without_a_class(edge_task: ModuleType, value: int) -> None:
    logits = torch.tensor([[[[-200.0, 0.0, 200.0]]]], requires_grad=True)
    loss = edge_task.balanced_edge_loss(logits, torch.full((1, 1, 1, 3), value))
    loss.backward()
    assert torch.isfinite(loss)
    assert torch.isfinite(logits.grad).all()
    assert bool(logits.grad.any()) == (value != 255)


def test_perfect_prediction_has_no_loss(edge_task: ModuleType) -> None:
    target = torch.tensor([[[[1, 0, 255]]]])
    assert edge_task.balanced_edge_loss(200.0 * (2 * target - 1), target).item() < 1e-6


# The head ------------------------------------------------------------------------------------


def test_head_predicts_probabilities_and_undoes_flips(edge_task: ModuleType) -> None:
    head = edge_head(edge_task).eval()
    features = [torch.randn(1, 4, 3, 5, generator=torch.Generator().manual_seed(0))]
    field = head.predict_field(features, (3, 5))
    assert 0 < field.min() < field.max() < 1
    torch.testing.assert_close(field, head(features).sigmoid())
    for direction, axes in (("horizontal", [-1]), ("vertical", [-2]), ("diagonal", [-2, -1])):
        flipped = head.predict_field([features[0].flip(axes)], (3, 5))[0]
        meta = {"ori_shape": (3, 5), "flip": True, "flip_direction": direction}
        restored = head.to_prediction(head.restore(flipped, meta))["pred_edge_map"].data
        torch.testing.assert_close(restored, field[0])


def test_merge_is_the_mean_probability(edge_task: ModuleType) -> None:
    samples = [SegDataSample() for _ in range(2)]
    for sample, value in zip(samples, (0.2, 0.6), strict=True):
        sample.pred_edge_map = PixelData(data=torch.full((1, 2, 2), value))
    merged = edge_head(edge_task).merge(samples)["pred_edge_map"].data
    torch.testing.assert_close(merged, torch.full((1, 2, 2), 0.4))


def test_sample_without_edges_adds_nothing(edge_task: ModuleType) -> None:
    head = edge_head(edge_task).eval()
    features = torch.randn(2, 4, 3, 5, generator=torch.Generator().manual_seed(0))
    labelled, bare = SegDataSample(), SegDataSample()
    labelled.gt_edge_map = PixelData(data=torch.eye(5, dtype=torch.int64)[None, :3])
    alone = head.loss([features[:1]], [labelled], (3, 5))["loss_edge"]
    both = head.loss([features], [labelled, bare], (3, 5))["loss_edge"]
    torch.testing.assert_close(alone, both)
    assert head.loss([features], [bare, bare], (3, 5))["loss_edge"].item() == 0


@pytest.fixture
def own_registry() -> Iterator[Registry]:
    """A registry of a project's own, as the README describes; removed afterwards."""
    registry = Registry("model", parent=ROOT_MODELS, scope="fourth", locations=[])
    yield registry
    ROOT_MODELS.children.pop("fourth")


def test_registry_of_the_projects_own(edge_task: ModuleType, own_registry: Registry) -> None:
    tiny_head = example_module("tiny_head")
    own_registry.register_module(name="EdgeHead", module=edge_task.EdgeHead)
    own_registry.register_module(name="TinyHead", module=tiny_head.TinyHead)
    decoder = {"type": "fourth.TinyHead", "in_channels": 4, "in_index": 0, "channels": 8}
    head = MODELS.build({"type": "fourth.EdgeHead", "decoder": decoder})
    assert head([torch.zeros(2, 4, 6, 7)]).shape == (2, 1, 6, 7)


# The metric ----------------------------------------------------------------------------------


def evaluate(edge_task: ModuleType, *pairs: tuple[list[float], list[int]], bins: int = 4):
    metric = edge_task.EdgeMetric(bins=bins)
    samples = [
        {
            "pred_edge_map": {"data": torch.tensor([[probabilities]])},
            "gt_edge_map": {"data": torch.tensor([[edges]])},
        }
        for probabilities, edges in pairs
    ]
    metric.process(None, samples)
    return metric.evaluate(len(samples))


def test_metric_by_hand(edge_task: ModuleType) -> None:
    """Four thresholds over two images; the last pixel of the first is invalid.

    At 0: P 3/6, R 1; at 1/4: P 3/5, R 1; at 1/2: P 2/3, R 2/3; at 3/4: P 1/1, R 1/3.
    F: 2/3, 3/4, 2/3, 1/2. AP = 3/5 (1 - 2/3) + 2/3 (2/3 - 1/3) + 1 (1/3).
    """
    found = evaluate(
        edge_task,
        ([1.0, 0.6, 0.1, 0.99], [1, 0, 0, 255]),
        ([0.5, 0.3, 0.25], [1, 1, 0]),
    )
    assert found["edge/F"] == pytest.approx(3 / 4)
    assert found["edge/threshold"] == 1 / 4
    assert found["edge/AP"] == pytest.approx(3 / 5 / 3 + 2 / 3 / 3 + 1 / 3)


def test_metric_agrees_with_a_direct_search(edge_task: ModuleType) -> None:
    rng = np.random.default_rng(0)
    probability = rng.random(400).astype(np.float32)
    edges = (rng.random(400) < 0.4 * probability).astype(np.int64)
    found = evaluate(edge_task, (probability.tolist(), edges.tolist()), bins=256)
    scores, area, above = {}, 0.0, 0.0
    for k in reversed(range(256)):
        said = probability >= k / 256
        hits = (said & (edges == 1)).sum()
        precision, recall = hits / max(said.sum(), 1), hits / edges.sum()
        scores[k / 256] = 2 * precision * recall / max(precision + recall, 1e-12)
        area, above = area + precision * (recall - above), recall
    assert found["edge/F"] == pytest.approx(max(scores.values()))
    assert scores[found["edge/threshold"]] == pytest.approx(found["edge/F"])
    assert found["edge/AP"] == pytest.approx(area)


def test_metric_limits(edge_task: ModuleType) -> None:
    assert evaluate(edge_task, ([1.0, 0.0], [1, 0])) == {
        "edge/F": 1.0,
        "edge/threshold": 1 / 4,
        "edge/AP": 1.0,
    }
    for edges in ([0, 0], [255, 255]):
        assert all(math.isnan(v) for v in evaluate(edge_task, ([1.0, 0.0], edges)).values())
    with pytest.raises(ValueError, match="Does the head return logits"):
        evaluate(edge_task, ([3.0], [1]))
    with pytest.raises(ValueError, match="power of two"):
        edge_task.EdgeMetric(bins=100)


# The picture ---------------------------------------------------------------------------------


def test_painter_hatches_unknown_pixels(edge_task: ModuleType) -> None:
    context = edge_task.PanelContext(size=(16, 24), image=np.zeros((16, 24, 3), np.uint8))
    maps = {"gt": np.array([[[0, 1, 255]]]), "pred": np.array([[[0.0, 1.0, 0.5]]])}
    painting = edge_task.EdgePainter().paint(maps, context)
    assert (painting.pictures["gt"][:, :8] == 255).all()
    assert (painting.pictures["gt"][:, 8:16] == 0).all()
    assert len(np.unique(painting.pictures["gt"][:, 16:])) == 2  # two greys of stripes
    assert (painting.pictures["pred"][:, 16:] == 128).all()
    panel = draw_panel(
        np.zeros((32, 48, 3), np.uint8), {f"{k}_edge_map": v for k, v in maps.items()}
    )
    assert panel.ndim == 3
