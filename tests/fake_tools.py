"""Stand-ins for the commands of a run: no network, but a state that depends on every iteration."""

from pathlib import Path

TRAIN = """
import argparse, json, pathlib, runpy, sys, time, zipfile
parser = argparse.ArgumentParser()
parser.add_argument("config")
parser.add_argument("--work-dir", type=pathlib.Path)
parser.add_argument("--resume", type=pathlib.Path)
args = parser.parse_args()
config = runpy.run_path(args.config)
state, begin = config["randomness"]["seed"] + 1, 0
start = args.resume or config.get("load_from")
if start:
    with zipfile.ZipFile(start) as file:
        saved = json.loads(file.read("state"))
    state = saved["state"]
    begin = saved["iter"] if args.resume else 0
print("training from", begin)
log = args.work_dir / f"start_{time.time_ns()}" / "vis_data"
log.mkdir(parents=True)
for step in range(begin + 1, config["train_cfg"]["max_iters"] + 1):
    time.sleep(config["model"].get("seconds", 0.0))
    if step == config["model"].get("fails_at"):
        print("the last words")
        sys.exit(3)
    state = (state * 31 + step + config["model"].get("factor", 0)) % 1009
    with (log / "scalars.json").open("a") as file:
        file.write(json.dumps({"loss": 1 + 1 / step, "step": step, "state": state}) + "\\n")
    with zipfile.ZipFile(args.work_dir / f"iter_{step}.pth", "w") as file:
        file.writestr("state", json.dumps({"state": state, "iter": step}))
"""

STRIP = """
import argparse, pathlib, shutil
parser = argparse.ArgumentParser()
parser.add_argument("config", type=pathlib.Path)
parser.add_argument("checkpoint", type=pathlib.Path)
parser.add_argument("--out", type=pathlib.Path)
args = parser.parse_args()
args.out.mkdir(exist_ok=True)
for file in (args.config, args.checkpoint):
    shutil.copy(file, args.out)
"""

TEST = """
import argparse, json, pathlib, zipfile
parser = argparse.ArgumentParser()
parser.add_argument("config")
parser.add_argument("checkpoint")
parser.add_argument("--work-dir", type=pathlib.Path)
args = parser.parse_args()
with zipfile.ZipFile(args.checkpoint) as file:
    state = json.loads(file.read("state"))["state"]
folder = args.work_dir / "20260101_000000"
folder.mkdir(parents=True)
metrics = {"semseg/mIoU": 20 + state / 100, "depth/rmse": 1 + state / 1009, "time": 0.1}
metrics |= {"depth/abs_rel": 0.2 + state / 5000}
(folder / f"{folder.name}.json").write_text(json.dumps(metrics))
"""


def write_fake_tools(folder: Path) -> Path:
    """Write the commands and return the folder to use in place of ``tools``."""
    (folder / "model_converters").mkdir(parents=True)
    (folder / "train.py").write_text(TRAIN)
    (folder / "model_converters" / "remove_auxiliary.py").write_text(STRIP)
    (folder / "test.py").write_text(TEST)
    return folder


def write_config(
    folder: Path, name: str = "small", *, iterations: int = 3, **model: object
) -> Path:
    """Write a config that the commands understand."""
    file = folder / f"{name}.py"
    file.write_text(
        f"model = {model!r}\ntrain_cfg = dict(max_iters={iterations})\n"
        "optim_wrapper = dict(optimizer=dict(lr=0.1))\nload_from = None\n"
    )
    return file


def final_state(seed: int, iterations: int, *, start: int | None = None, factor: int = 0) -> int:
    """The state that an uninterrupted training ends with."""
    state = seed + 1 if start is None else start
    for step in range(1, iterations + 1):
        state = (state * 31 + step + factor) % 1009
    return state
