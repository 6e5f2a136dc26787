"""From the command line's options to the Runner's config, as in mmseg."""

import argparse
import os
import os.path as osp
from pathlib import Path

from mmengine.config import Config, DictAction
from mmengine.device import is_cuda_available, is_musa_available, is_npu_available
from mmengine.logging import print_log

from mmaux.utils.checkpoint_files import checkpoint_to_resume
from mmaux.utils.config_file import read_config
from mmaux.utils.files import ensure_writable_dir
from mmaux.utils.tta_config import check_tta
from mmaux.utils.type_name import type_name

_TRAINING_KEYS = (
    "train_dataloader",
    "train_cfg",
    "optim_wrapper",
    "param_scheduler",
    "val_dataloader",
    "val_cfg",
    "val_evaluator",
)


def add_common_arguments(parser: argparse.ArgumentParser) -> None:
    """Options that training and testing share, with mmseg's names and meanings."""
    parser.add_argument("--work-dir", help="folder for logs, checkpoints and results")
    parser.add_argument(
        "--cfg-options",
        nargs="+",
        action=DictAction,
        help="override settings of the config: key=value, nested keys with dots, lists as "
        'key="[a,b]" without white space',
    )
    parser.add_argument("--launcher", choices=["none", "pytorch", "slurm", "mpi"], default="none")
    # torch.distributed passes --local-rank.
    parser.add_argument("--local_rank", "--local-rank", type=int, default=0)


def load_run_config(args: argparse.Namespace) -> Config:
    """Read the config, apply overrides and settle the work folder.

    The folder is, in this order, ``--work-dir``, the config's ``work_dir``, or
    ``./work_dirs/<name of the config>``.

    Raises:
        FileNotFoundError: There is no such config.
        OSError: The work folder cannot be written.
    """
    os.environ.setdefault("LOCAL_RANK", str(args.local_rank))
    config = read_config(args.config)
    config.launcher = args.launcher
    if args.cfg_options is not None:
        config.merge_from_dict(args.cfg_options)
    if args.work_dir is not None:
        config.work_dir = args.work_dir
    elif config.get("work_dir") is None:
        config.work_dir = osp.join("work_dirs", Path(config.filename).stem)
    ensure_writable_dir(config.work_dir)
    return config


def apply_resume(config: Config, resume: str) -> None:
    """Continue a run.

    Args:
        config: Config of the run, with its work folder.
        resume: A checkpoint file, or ``auto``: the newest whole one of the work folder. Without
            any, training begins at the start, from the weights at ``load_from`` if there are some.
    """
    found = checkpoint_to_resume(config.work_dir) if resume == "auto" else resume
    if found is None:
        print_log(f"'{config.work_dir}' has no checkpoint to resume from.", logger="current")
    else:
        config.load_from = str(found)
    config.resume = found is not None


def check_tasks_and_data(config: Config) -> None:
    """Have heads and data compared before training, whatever hooks the config has."""
    hooks = config.get("custom_hooks") or []
    if not any(type_name(hook) == "TaskDataCheckHook" for hook in hooks):
        config.custom_hooks = [*hooks, {"type": "mmaux.TaskDataCheckHook"}]


def check_load_from(config: Config) -> None:
    """See that the weights to start from are there, before anything is built.

    Nothing is said of a checkpoint to resume.

    Raises:
        FileNotFoundError: ``load_from`` names a file of this machine that does not exist.
    """
    path = config.get("load_from")
    if path is None or config.get("resume") or "://" in path or Path(path).expanduser().is_file():
        return
    folder = Path(path).expanduser().parent
    held = ", ".join(sorted(file.name for file in folder.glob("*.pth")))
    raise FileNotFoundError(
        f"load_from: there is no '{path}' (the folder holds {held or 'no checkpoint'}; working "
        f"directory {os.getcwd()}). The config starts from another training's weights: run that "
        "one first, its config has the folder's name, or name a checkpoint with --cfg-options "
        "load_from=FILE."
    )


def apply_amp(config: Config) -> None:
    """Train with automatic mixed precision.

    Raises:
        ValueError: The optimizer wrapper is another than mmengine's plain one, or there is no
            accelerator that could.
    """
    if not (is_cuda_available() or is_npu_available() or is_musa_available()):
        raise ValueError("--amp needs a GPU (CUDA, NPU or MUSA), found none; leave it out.")
    wrapper = config.optim_wrapper
    name = wrapper.get("type", "OptimWrapper")
    name = getattr(name, "__name__", name)  # a class in pure Python configs
    if name.endswith("AmpOptimWrapper"):
        return
    mixed = {
        "OptimWrapper": "mmengine.AmpOptimWrapper",
        "mmengine.OptimWrapper": "mmengine.AmpOptimWrapper",
        "MultiTaskOptimWrapper": "mmaux.MultiTaskAmpOptimWrapper",
        "mmaux.MultiTaskOptimWrapper": "mmaux.MultiTaskAmpOptimWrapper",
    }
    if name not in mixed:
        raise ValueError(
            "--amp replaces optim_wrapper.type='mmengine.OptimWrapper' or "
            f"'mmaux.MultiTaskOptimWrapper', but found {name!r}."
        )
    wrapper.type = mixed[name]
    wrapper.setdefault("loss_scale", "dynamic")


def keep_testing(config: Config) -> None:
    """Leave only what testing needs, under the name ``NAME_test.py``.

    mmseg's visualization hook asks the Runner for its iteration, for which mmengine would build
    the training data that a user who tests need not have. The Runner writes its config to the work
    folder under the config's name, where that of the training is.
    """
    for name in _TRAINING_KEYS:
        config.pop(name, None)
    file = Path(config.filename)
    object.__setattr__(config, "_filename", str(file.with_name(f"{file.stem}_test.py")))


def apply_visualization(config: Config, *, show_dir: str | None, show: bool, wait: float) -> None:
    """Draw predictions while testing, into a folder or on the screen.

    Raises:
        ValueError: The config has no visualization hook.
    """
    hook = config.get("default_hooks", {}).get("visualization")
    if hook is None:
        raise ValueError(
            "--show and --show-dir need a visualization hook in the config: "
            "default_hooks=dict(visualization=dict(type='mmseg.SegVisualizationHook'))."
        )
    hook["draw"] = True
    hook["interval"] = 1
    if show:
        hook["show"] = True
        hook["wait_time"] = wait
    if show_dir:
        ensure_writable_dir(show_dir)
        config.visualizer["save_dir"] = show_dir


def apply_tta(config: Config) -> None:
    """Test with augmentation: ``tta_pipeline`` and ``tta_model`` of the config.

    Raises:
        ValueError: The config lacks one of them, or they are of segmentation alone.
    """
    check_tta(config)
    if "data_preprocessor" in config.model:
        config.pop("data_preprocessor", None)  # the Runner would give it to the outer model
    config.test_dataloader.dataset.pipeline = config.tta_pipeline
    config.tta_model.module = config.model
    config.model = config.tta_model
