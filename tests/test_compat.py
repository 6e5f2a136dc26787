import copy
import functools
import http.server
import os
import pickle
import socket
import threading
import zipfile
from collections import OrderedDict

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.config import config as config_module
from mmengine.evaluator import BaseMetric
from mmengine.hub import get_config
from mmengine.logging import MessageHub, MMLogger
from mmengine.logging.history_buffer import HistoryBuffer
from mmengine.model import BaseModel
from mmengine.registry import DefaultScope
from mmengine.runner import Runner
from mmengine.runner import checkpoint as checkpoint_module
from mmengine.runner.checkpoint import CheckpointLoader
from mmengine.visualization import Visualizer
from torch import nn
from yapf.yapflib import yapf_api

from mmaux import compat


class TinyModel(BaseModel):
    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4))

    def forward(self, inputs, data_samples=None, mode="tensor"):
        out = self.backbone(torch.stack(list(inputs)))
        return {"loss": (out**2).mean()} if mode == "loss" else [out.mean()]


class TinyDataset(torch.utils.data.Dataset):
    metainfo = {"classes": ("wall", "floor"), "palette": np.array([[1, 2, 3]], np.uint8)}

    def __len__(self):
        return 4

    def __getitem__(self, index):
        return {"inputs": torch.full((3, 4, 4), float(index))}


class TinyMetric(BaseMetric):
    default_prefix = "depth"

    def process(self, data_batch, data_samples):
        self.results.append(1.0)

    def compute_metrics(self, results):
        return {"rmse": np.float32(1.5), "mIoU": np.float64(2.0), "images": len(results)}


def make_runner(work_dir, *, iters=2, ema=True, **kwargs):
    data = {"dataset": TinyDataset(), "batch_size": 2}
    return Runner(
        model=TinyModel(),
        work_dir=str(work_dir),
        train_dataloader={**data, "sampler": {"type": "InfiniteSampler"}},
        val_dataloader={**data, "sampler": {"type": "DefaultSampler", "shuffle": False}},
        val_evaluator=[TinyMetric()],
        val_cfg={},
        train_cfg={"by_epoch": False, "max_iters": iters, "val_interval": 1},
        optim_wrapper={"type": "OptimWrapper", "optimizer": {"type": "Adam", "lr": 0.01}},
        param_scheduler=[
            {"type": "PolyLR", "by_epoch": False, "begin": 0, "end": 10},
            {"type": "MultiStepLR", "by_epoch": False, "milestones": [3]},
            {"type": "OneCycleLR", "by_epoch": False, "eta_max": 0.1, "total_steps": 10},
        ],
        default_hooks={
            "checkpoint": {
                "type": "CheckpointHook",
                "by_epoch": False,
                "interval": 1,
                "save_best": "depth/rmse",
                "rule": "less",
            }
        },
        custom_hooks=[{"type": "EMAHook"}] if ema else [],
        default_scope="mmengine",
        experiment_name=f"compat_{os.path.basename(work_dir)}_{iters}",
        randomness={"seed": 1},
        **kwargs,
    )


@pytest.fixture(scope="module", autouse=True)
def _globals():
    """A Runner leaves its scope, logger and message hub behind as the current ones."""
    managers = (DefaultScope, MMLogger, MessageHub, Visualizer)
    before = [manager._instance_dict.copy() for manager in managers]
    yield
    for manager, instances in zip(managers, before, strict=True):
        manager._instance_dict.clear()
        manager._instance_dict.update(instances)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A real Runner's folder after two iterations with validation and EMA."""
    folder = tmp_path_factory.mktemp("trained")
    make_runner(folder).train()
    return folder


class Touch:
    """A pickle that would create a file when it is loaded by an unsafe reader."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return open, (self.path, "w")


class System(Touch):
    def __reduce__(self):
        return os.system, (f"touch {self.path}",)


class Call:
    """A pickle that calls ``function(*args)``."""

    def __init__(self, function, *args):
        self.function, self.args = function, args

    def __reduce__(self):
        return self.function, self.args


def hostile_checkpoint(folder, payload):
    path = folder / "hostile.pth"
    state_dict = OrderedDict(TinyModel().state_dict())
    torch.save({"meta": {"epoch": 0, "iter": 1}, "state_dict": state_dict, "x": payload}, path)
    return path


# --- the Runner's own checkpoints ------------------------------------------------------------


@pytest.mark.parametrize("name", ["iter_2.pth", "best_depth_rmse_iter_1.pth"])
def test_runner_checkpoint_is_read_with_its_values(trained, name):
    path = str(trained / name)
    checkpoint = CheckpointLoader.load_checkpoint(path)
    truth = torch.load(path, weights_only=False)
    hub, true_hub = checkpoint["message_hub"], truth["message_hub"]
    for key, buffer in true_hub["log_scalars"].items():
        mine = hub["log_scalars"][key]
        assert type(mine) is HistoryBuffer
        for a, b in zip(mine.data, buffer.data, strict=True):
            np.testing.assert_array_equal(np.asarray(a), b)
        assert mine.mean() == buffer.mean()
    assert hub["runtime_info"].keys() == true_hub["runtime_info"].keys()
    eta = hub["runtime_info"]["eta"]
    assert type(eta) is np.float64
    assert eta == true_hub["runtime_info"]["eta"]
    palette = checkpoint["meta"]["dataset_meta"]["palette"]
    assert palette.dtype == np.uint8
    np.testing.assert_array_equal(np.asarray(palette), TinyDataset.metainfo["palette"])
    # mmengine compares this way when it resumes.
    assert pickle.dumps(checkpoint["meta"]["dataset_meta"]) == pickle.dumps(TinyDataset.metainfo)


def test_runner_resumes(trained):
    runner = make_runner(trained, iters=4, resume=True)
    runner.train()
    assert runner.iter == 4
    checkpoint = CheckpointLoader.load_checkpoint(str(trained / "iter_4.pth"))
    history, _ = checkpoint["message_hub"]["log_scalars"]["train/loss"].data
    assert len(history) == 4
    # What was read through the stand-ins is saved without a trace of them.
    with zipfile.ZipFile(trained / "iter_4.pth") as archive:
        (data,) = [name for name in archive.namelist() if name.endswith("data.pkl")]
        assert b"mmaux" not in archive.read(data)


@pytest.mark.parametrize("core", ["numpy.core", "numpy._core"])
def test_checkpoints_of_numpy_1_and_2(tmp_path, core):
    path = tmp_path / "numpy.pth"
    torch.save({"a": np.arange(6.0).reshape(2, 3), "b": np.int64(7), "c": np.array([True])}, path)
    other = tmp_path / "other.pth"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w", zipfile.ZIP_STORED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name.endswith("data.pkl"):
                assert b"cnumpy._core.multiarray\n" in data or b"cnumpy.core.multiarray\n" in data
                for mine in (b"numpy._core", b"numpy.core"):
                    data = data.replace(b"c" + mine + b".multi", f"c{core}.multi".encode())
            new.writestr(name, data)
    loaded = compat.load_from_local(other)
    np.testing.assert_array_equal(np.asarray(loaded["a"]), [[0, 1, 2], [3, 4, 5]])
    assert loaded["b"] == 7
    assert loaded["c"].tolist() == [True]


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype=">i4").reshape(2, 3),
        np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3)),
        np.zeros((0, 3), np.float16),
        np.array(3.5),
        np.array([1 + 2j]),
    ],
)
def test_arrays_survive_reading_copying_and_saving(tmp_path, array):
    torch.save({"a": array}, tmp_path / "a.pth")
    loaded = compat.load_from_local(tmp_path / "a.pth")["a"]
    for value in (loaded, copy.deepcopy(loaded), pickle.loads(pickle.dumps(loaded))):
        assert value.dtype == array.dtype.newbyteorder("=")  # as numpy's own pickles
        assert value.shape == array.shape
        np.testing.assert_array_equal(np.asarray(value), array)
    for protocol in (2, 5):
        assert type(pickle.loads(pickle.dumps(loaded, protocol))) is np.ndarray


# --- hostile and damaged files ---------------------------------------------------------------


@pytest.mark.parametrize("force", [None, "1"])
@pytest.mark.parametrize("payload", [Touch, System])
@pytest.mark.parametrize("way", ["loader", "runner", "resume"])
def test_hostile_pickle_does_not_run(tmp_path, monkeypatch, payload, way, force):
    if force:
        monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", force)
    victim = tmp_path / "victim"
    path = str(hostile_checkpoint(tmp_path, payload(victim)))
    load = CheckpointLoader.load_checkpoint
    if way != "loader":
        runner = make_runner(tmp_path / "run")
        load = runner.load_checkpoint if way == "runner" else runner.resume
    with pytest.raises(pickle.UnpicklingError) as error:
        load(path)
    assert not victim.exists()
    text = str(error.value)
    assert path in text
    assert ("open" if payload is Touch else "system") in text
    assert "Nothing of it was run" in text
    assert "weights_only=False" not in text
    # The payload is a real one: an unsafe reader does create the file.
    torch.load(path, weights_only=False)
    assert victim.exists()


def test_old_file_format_and_plain_pickle(tmp_path):
    victim = tmp_path / "victim"
    torch.save({"x": System(victim)}, tmp_path / "old.pth", _use_new_zipfile_serialization=False)
    with pytest.raises(pickle.UnpicklingError, match=r"old\.pth.*system"):
        compat.load_from_local(tmp_path / "old.pth")
    (tmp_path / "plain.pkl").write_bytes(pickle.dumps(System(victim), protocol=2))
    with pytest.raises((pickle.UnpicklingError, RuntimeError), match=r"plain\.pkl"):
        compat.load_from_local(tmp_path / "plain.pkl")
    assert not victim.exists()


@pytest.mark.parametrize(
    "payload",
    [
        # The globals of any function give everything: only mmengine's own methods are in reach.
        Call(getattr, HistoryBuffer, "__init__"),
        Call(getattr, np.float64, "__mro__"),
        # With an object dtype numpy would take these bytes for a pointer and crash.
        Call(np.ndarray, (1,), np.dtype("O"), b"A" * 8),
        Call(np.dtype, "O"),
        np.array([{"a": 1}], dtype=object),
        np.array(["text"]),
    ],
    ids=["getattr", "getattr-type", "pointer", "object-dtype", "object-array", "text-array"],
)
def test_stand_ins_allow_plain_numbers_only(tmp_path, payload):
    torch.save({"x": payload}, tmp_path / "x.pth")
    with pytest.raises(pickle.UnpicklingError, match=r"x\.pth' is refused: it holds (getattr|num)"):
        compat.load_from_local(tmp_path / "x.pth")


def test_array_ignores_a_foreign_buffer(tmp_path):
    torch.save({"x": Call(np.ndarray, (3,), np.dtype("f8"))}, tmp_path / "x.pth")
    assert compat.load_from_local(tmp_path / "x.pth")["x"].shape == (0,)


def test_config_text_in_a_checkpoint_is_not_run(tmp_path):
    victim = tmp_path / "victim"
    runner = make_runner(tmp_path / "run", ema=False)
    path = tmp_path / "text.pth"
    code = f"x = open({str(victim)!r}, 'w').close()\n"
    torch.save(
        {
            "meta": {"epoch": 0, "iter": 1, "config": code},
            "state_dict": runner.model.state_dict(),
            "message_hub": {"log_scalars": {}, "runtime_info": {}, "resumed_keys": {}},
        },
        path,
    )
    runner._train_loop = runner.build_train_loop(runner._train_loop)
    runner.resume(str(path), resume_optimizer=False, resume_param_scheduler=False)
    assert runner.iter == 1
    assert not victim.exists()
    meta = compat.load_from_local(path)["meta"]
    assert meta["cfg"] == code
    assert "config" not in meta
    # mmengine does run such a text.
    Config.fromstring(code, ".py")
    assert victim.exists()


@pytest.mark.parametrize("size", [0, 10, 100, 600, -1])
def test_cut_short_file_is_named(tmp_path, trained, size):
    data = (trained / "iter_2.pth").read_bytes()
    path = tmp_path / "cut.pth"
    path.write_bytes(data[:size])
    with pytest.raises(RuntimeError, match=r"cut\.pth' cannot be read .*download it again"):
        CheckpointLoader.load_checkpoint(str(path))


@pytest.mark.parametrize("content", [b"<html>404</html>", b"\x89PNG\r\n\x1a\n" + bytes(100)])
def test_another_kind_of_file_is_named(tmp_path, content):
    path = tmp_path / "page.pth"
    path.write_bytes(content)
    with pytest.raises(RuntimeError, match=r"page\.pth' cannot be read"):
        CheckpointLoader.load_checkpoint(str(path))


def test_absent_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"absent\.pth' cannot be found"):
        CheckpointLoader.load_checkpoint(str(tmp_path / "absent.pth"))


def test_file_is_named_in_the_metadata(tmp_path):
    path = tmp_path / "w.pth"
    for saved in (TinyModel().state_dict(), {"state_dict": TinyModel().state_dict()}):
        torch.save(saved, path)
        loaded = compat.load_from_local(path)
        state_dict = loaded.get("state_dict", loaded)
        assert state_dict._metadata[""][compat.SOURCE_KEY] == str(path)
        TinyModel().load_state_dict(state_dict)


def test_download_is_read_with_weights_only(tmp_path, monkeypatch):
    served, cache = tmp_path / "served", tmp_path / "cache"
    served.mkdir()
    monkeypatch.setenv("TORCH_HOME", str(cache))
    monkeypatch.setenv("no_proxy", "*")
    torch.save({"state_dict": TinyModel().state_dict()}, served / "good.pth")
    victim = tmp_path / "victim"
    hostile_checkpoint(served, System(victim))
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(served))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        assert "state_dict" in CheckpointLoader.load_checkpoint(f"{url}/good.pth")
        with pytest.raises(pickle.UnpicklingError, match=r"hostile\.pth.*system"):
            CheckpointLoader.load_checkpoint(f"{url}/hostile.pth")
        server.shutdown()
    assert not victim.exists()
    # The second time without network.
    assert "state_dict" in CheckpointLoader.load_checkpoint(f"{url}/good.pth")


def test_a_failed_download_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setenv("no_proxy", "*")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/net.pth"
        with pytest.raises(OSError, match=r"net\.pth could not be downloaded .*checkpoint=FILE"):
            CheckpointLoader.load_checkpoint(url)


def test_fork_does_not_fall_back(tmp_path, monkeypatch):
    """onedl-mmengine has ``_safe_torch_load``, which tries weights_only=False after a refusal."""
    monkeypatch.setattr(checkpoint_module, "_safe_torch_load", torch.load, raising=False)
    compat.read_weights_only()
    victim = tmp_path / "victim"
    path = hostile_checkpoint(tmp_path, System(victim))
    for file in (str(path), path.open("rb")):
        with pytest.raises(pickle.UnpicklingError, match="system"):
            checkpoint_module._safe_torch_load(file, "cpu", weights_only=False)
    assert not victim.exists()


def test_install_again_changes_nothing():
    def state():
        return (
            dict(CheckpointLoader._schemes),
            config_module._get_package_and_cfg_path,
            config_module.get_installed_path,
            set(torch.serialization.get_safe_globals()),
        )

    before = state()
    compat.install()
    assert state() == before


# --- configs by name -------------------------------------------------------------------------


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """An installed mmaux whose package holds flat configs and an index, as a wheel has."""
    package = tmp_path / "site" / "mmaux"
    configs = package / ".mim" / "configs"
    (configs / "_base_" / "models").mkdir(parents=True)
    (configs / "_base_" / "models" / "net.py").write_text(
        "model = dict(type='mmaux.Net', backbone=dict(type='mmseg.MobileNetV2'))\n"
    )
    (configs / "flat_mbv2.py").write_text("_base_ = './_base_/models/net.py'\nlr = 0.1\n")
    (package / ".mim" / "model-index.yml").write_text("Import:\n  - configs/metafile.yml\n")
    (configs / "metafile.yml").write_text(
        "Models:\n  - Name: flat_mbv2\n    Config: configs/flat_mbv2.py\n    Weights: https://x/y\n"
    )
    monkeypatch.setattr(compat, "package_dir", lambda: str(package))
    return package


def inherit(folder, base):
    path = folder / "child.py"
    path.write_text(f"_base_ = {base!r}\nextra = 1\n")
    return Config.fromfile(path)


@pytest.mark.parametrize("base", ["mmaux::flat_mbv2.py", "mmaux::_base_/../flat_mbv2.py"])
def test_flat_config_is_inherited(installed, tmp_path, base):
    cfg = inherit(tmp_path, base)
    assert cfg.model.type == "mmaux.Net"
    assert cfg.model.backbone.type == "mmseg.MobileNetV2"
    assert (cfg.lr, cfg.extra) == (0.1, 1)


def test_base_in_a_folder_is_inherited_under_our_scope(installed, tmp_path):
    path = tmp_path / "child.py"
    path.write_text(
        "_base_ = ['mmaux::_base_/models/net.py']\nmodel = dict(neck=dict(type='mmaux.N'))\n"
        "copied = _base_.model\n"
    )
    cfg = Config.fromfile(path)
    assert (cfg.model.type, cfg.model.neck.type) == ("mmaux.Net", "mmaux.N")
    assert cfg.copied["_scope_"] == "mmaux"


@pytest.mark.parametrize("name", ["flat_mbv2.py", "_base_/models/net.py"])
def test_hub_finds_configs(installed, name):
    assert get_config(f"mmaux::{name}").model.type == "mmaux.Net"


def test_hub_gives_the_weights_of_the_metafile(installed):
    assert get_config("mmaux::flat_mbv2.py", pretrained=True).model_path == "https://x/y"


def test_unknown_config_is_named(installed, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"absent\.py"):
        inherit(tmp_path, "mmaux::absent.py")


def test_other_packages_resolve_as_before(tmp_path):
    cfg = inherit(tmp_path, "mmseg::_base_/models/fcn_unet_s5-d16.py")
    assert cfg.model.type == "EncoderDecoder"
    with pytest.raises(ValueError, match="relative config path"):
        inherit(tmp_path, "mmseg::flat.py")


def test_own_folder_is_that_of_the_imported_package():
    import mmaux

    assert config_module.get_installed_path("mmaux") == os.path.dirname(mmaux.__file__)
    assert config_module.get_installed_path("mmengine").endswith("mmengine")


def test_a_config_is_formatted_once(monkeypatch):
    calls = []

    def format_code(text, style_config, verify=None):
        calls.append(text)
        return plain(text, style_config=style_config)

    holder = config_module if hasattr(config_module, "FormatCode") else yapf_api
    plain = holder.FormatCode.__wrapped__
    monkeypatch.setattr(holder, "FormatCode", plain)
    config = Config({"model": {"type": "mmaux.X", "taps": ["a"] * 40, "lr": 0.1}})
    expected = config.pretty_text
    config.model.lr = 0.2
    expected_after = config.pretty_text
    assert expected != expected_after

    monkeypatch.setattr(holder, "FormatCode", format_code)
    compat.format_each_config_once()
    compat.format_each_config_once()
    assert [config.pretty_text for _ in range(3)] == [expected_after] * 3
    config.model.lr = 0.1
    assert [config.pretty_text for _ in range(3)] == [expected] * 3
    assert len(calls) == 2
