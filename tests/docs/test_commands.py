"""Every command of README and docs is run, on small data and for a few iterations."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import cv2
import pytest
import torch
from documented import Command, commands_of, documents, expand
from fake_tools import write_fake_tools
from mmengine.config import Config
from nyud_official import write_official as write_nyud
from ray_cluster import RayCluster
from small_runs import (
    CONFIGS,
    REPOSITORY,
    forked_commands,
    listen_to_interrupts,
    small_options,
)
from sunrgbd_official import write_official as write_sunrgbd
from trained_network import photographs

pytest.importorskip("embreex")
pytest.importorskip("torchjd")
pytest.importorskip("onnxruntime")
pytest.importorskip("psutil")
pytest.importorskip("ray")

# Documents whose commands build on each other share a folder; the tutorial has a test of its own.
WALKS = (
    ("README.md", "docs/data.md"),
    (
        "docs/training.md",
        "docs/extending.md",
        "docs/deployment.md",
        "docs/inference.md",
        "docs/networks.md",
    ),
    ("docs/optimization.md", "docs/reproduce.md", "docs/results.md"),
    ("docs/search.md",),
    ("docs/benchmarks.md",),
)
# Commands that another test runs, or the check of every change: the file, and what it holds.
ELSEWHERE = {
    "make demo": ("tests/docs/test_make.py", '"make", "demo"'),
    "make env": (".ci/run", "run make env"),
    "make test": (".ci/run", "run make test"),
    "make test PYTEST_ARGS='--slow -k killed'": (
        ".ci/run",
        "run make test PYTEST_ARGS='--slow -k killed'",
    ),
    "source .venv/bin/activate": ("tests/docs/test_make.py", '"bin" / "activate"'),
    "pip install --no-deps .": ("tests/test_downstream.py", '"--no-deps", "--force-reinstall"'),
    "pip install .": ("tests/test_downstream.py", '"--no-deps", "--force-reinstall"'),
    "pip install 'mmaux[": ("tests/packaging/test_packaging.py", "documented_extras"),
    "python tools/infer.py CONFIG CHECKPOINT 0 --show": (
        "tests/inference/test_webcam.py",
        '"--show"',
    ),
    "python tools/infer.py CONFIG CHECKPOINT 0 --save video npz --max-frames 100": (
        "tests/inference/test_webcam.py",
        '"--save", "video", "npz"',
    ),
    "mim train": ("tests/test_downstream.py", '"train", "mmaux"'),
    "mim run mmaux infer mmaux::": ("tests/test_downstream.py", '"kitchen.jpg", cwd=folder'),
    "mim run mmaux infer -- --help": ("tests/test_downstream.py", '"--", "--help"'),
    "mim run mmaux NAME": ("tests/test_downstream.py", '"run", "mmaux", "count_parameters"'),
    "mim test": ("tests/test_downstream.py", '"test", "mmaux"'),
}
CONFIG, RUN = "configs/auxi_all_mbv2_rooms.py", "work_dirs/auxi_all_mbv2_rooms"
# What placeholders stand for, and what makes a command small.
PLACEHOLDERS = {
    "CONFIG CHECKPOINT": f"{CONFIG} {RUN}/iter_2.pth",
    "[CONFIG]": "",
    "CONFIG": CONFIG,
    "joint=WORK_DIR auxi=WORK_DIR": f"joint={RUN} auxi={RUN}",
    "joint=$RUNS/joint_mbv2_rooms/seed_0 auxi=$RUNS/auxi_depth_mbv2_rooms/seed_0": f"joint={RUN}",
    "joint=$RUNS/joint_mbv2_rooms/seed_0 auxi=$RUNS/auxi_both_mbv2_rooms/seed_0": (
        f"joint={CONFIG},{RUN}/iter_2.pth auxi={CONFIG},{RUN}/iter_2.pth"
    ),
    "--samples 0 1 2": "--samples 0 1",
    "gradient/*/mean_abs/total": "loss",
    "data/nyud [--classes 13]": "data/nyud13 --classes 13",
    "data/rooms --train N --test M --seed S": "data/others --train 2 --test 1 --seed 3",
    "--train 500 --test 100": "--train 4 --test 2",
    "--samples 1 4 7 12 20": "--samples 0 1",
    "iter_30000": "iter_2",
    "work_dirs/demo/auxi_all/training/iter_450.pth": f"{RUN}/iter_2.pth",
    "--rounds 5 --calls 1 --checkpoint": "--no-memory --forms eager --checkpoint",
    "network.onnx": "deployed/rooms.onnx",
}


def cfg_options(config: str, root: str, **more: object) -> list[str]:
    options = small_options(Config.fromfile(CONFIGS / config), Path(root), iterations=2)
    texts = {k: str(v).replace(" ", "") for k, v in {**options, **more}.items()}
    return ["--cfg-options", *(f"{k}={v}" for k, v in texts.items())]


def small_search() -> list[str]:
    data = "search.evaluator.options.train_dataloader.dataset.data_root=data/rooms"
    evaluator = {"iterations": 2, "points": 1, "batch_size": 2, "start_iterations": 1}
    return [data, *(f"search.evaluator.{k}={v}" for k, v in evaluator.items())]


def added_words(words: list[str]) -> list[str]:
    """What makes a command small, behind its own words."""
    tool = words[0]
    if tool in ("tools/train.py", "tools/test.py"):
        return cfg_options(Path(words[1]).name, "data/nyud" if "nyud" in words[1] else "data/rooms")
    if tool == "tools/experiments.py":
        rows = {"table4": "joint_all", "ablation": "joint", "optimization": "mean_joint_scene"}
        small = ["--rows", rows.get(words[1], "joint"), "--data-root", "data/rooms", "--seeds", "0"]
        return small if "--schedule" in words else [*small, "--schedule", "short"]
    if tool == "tools/search.py":
        workers = "2" if "--ray-address" in words else "0"
        return ["--workers", workers, "--candidates", "2", "--cfg-options", *small_search()]
    if tool == "tools/analysis/rank_correlation.py":
        short = ["rank_study.long.iterations=2", "rank_study.long.points=1"]
        short += ["rank_study.cheap._delete_=True", "rank_study.cheap.half.iterations=1"]
        small = ["--architectures", "2", "--workers", "0", "--cfg-options"]
        return [*small, *small_search(), *short]
    return {
        "tools/analysis/conflicts.py": [
            *("--batches", "2", "--cfg-options", "train_dataloader.batch_size=1")
        ],
        "tools/analysis/count_parameters.py": ["--size", "64", "96"],
        "tools/dataset_converters/nyud.py": ["--splits", "splits.json", "--workers", "1"],
        "tools/dataset_converters/sunrgbd.py": ["--workers", "1"],
        "tools/dataset_converters/rooms.py": ["--size", "96x128", "--workers", "1"],
        "tools/benchmarks/train_step.py": [
            *("--batch-size", "1", "--rounds", "1", "--memory-rounds", "1", "--size", "64x96")
        ],
        "tools/benchmarks/record_gradients.py": ["--batch-size", "1", "--rounds", "1"],
        "tools/benchmarks/optimization.py": [
            *("--methods", "parameters/UPGrad", "--size", "64x96", "--batch-size", "1"),
            *("--rounds", "1", "--memory-rounds", "0"),
        ],
        "tools/benchmarks/inference.py": ["--size", "64x96", "--rounds", "1", "--calls", "1"],
        "tools/benchmarks/data_pipeline.py": [
            *("--rounds", "1", "--samples", "2", "--batch-size", "1", "--images", "2"),
            *("--workers", "0", "--render", "96x128"),
        ],
        "tools/benchmarks/memory_growth.py": [
            *("--steps", "4", "--images", "4", "--interval", "1", "--size", "48x64")
        ],
        "tools/benchmarks/controllers.py": [
            *("--seeds", "2", "--budget", "30", "--target", "0.99", "--workers", "1")
        ],
    }.get(tool, [])


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six rooms, and a network trained on them for two iterations."""
    folder = tmp_path_factory.mktemp("rendered")
    for name in ("tools", "configs", "demo"):
        (folder / name).symlink_to(REPOSITORY / name)
    write_fake_tools(folder / "fake_tools")
    rooms = [
        "tools/dataset_converters/rooms.py",
        "--out",
        "data/rooms",
        "--train",
        "4",
        "--test",
        "2",
    ]
    for words in (rooms, ["tools/train.py", CONFIG]):
        done = forked_commands().run([*words, *added_words(words)], folder)
        assert done.status == 0, done.output[-3000:]
    return folder


@pytest.fixture
def folder(rendered: Path, tmp_path: Path) -> Path:
    """What the documents take for granted."""
    for name in ("tools", "configs", "demo"):
        (tmp_path / name).symlink_to(REPOSITORY / name)
    for name in ("data", "work_dirs", "fake_tools"):
        shutil.copytree(rendered / name, tmp_path / name)
    state = torch.load(tmp_path / RUN / "iter_2.pth", weights_only=False)["state_dict"]
    backbone = {k.removeprefix("backbone."): v for k, v in state.items() if "backbone." in k}
    torch.save(backbone, tmp_path / "mobilenet_v2.pth")
    write_nyud(tmp_path / "nyu_depth_v2_labeled.mat", frames=4)
    (tmp_path / "splits.json").write_text('{"train": [1, 2, 3], "test": [4]}')
    write_sunrgbd(tmp_path)
    pictures = photographs(3, (96, 128))
    (tmp_path / "photos").mkdir()
    cv2.imwrite(str(tmp_path / "kitchen.jpg"), pictures[0])
    cv2.imwrite(str(tmp_path / "photos" / "hall.jpg"), pictures[1])
    shutil.copytree(tmp_path / "photos", tmp_path / "data" / "nyudexp" / "image")
    video = cv2.VideoWriter(
        str(tmp_path / "walk.mp4"), cv2.VideoWriter.fourcc(*"mp4v"), 5, (128, 96)
    )
    for picture in pictures:
        video.write(picture)
    video.release()
    return tmp_path


def is_run_elsewhere(text: str) -> bool:
    return any(text.split("#")[0].strip().startswith(beginning) for beginning in ELSEWHERE)


def fill_in(text: str) -> str:
    for placeholder, word in PLACEHOLDERS.items():
        text = text.replace(placeholder, word)
    return text


def split_settings(words: list[str]) -> tuple[list[str], list[str]]:
    """The words before ``--cfg-options``, which comes last, and those after it."""
    at = words.index("--cfg-options") if "--cfg-options" in words else len(words)
    return words[:at], words[at + 1 :]


def query(words: list[str], cwd: Path) -> None:
    """What sqlite3 does with a file and a query."""
    file, statement = words
    assert sqlite3.connect(cwd / file).execute(statement).fetchall(), statement


def with_path(environment: Mapping[str, str]) -> dict[str, str]:
    """For a process that is no fork: the repository on its path."""
    path = os.pathsep.join(filter(None, [str(REPOSITORY), environment.get("PYTHONPATH")]))
    return {**environment, "PYTHONPATH": path}


def search_on(cluster: RayCluster, words: list[str], cwd: Path) -> None:
    """Start a search that looks for the cluster."""
    command = [sys.executable, "-W", "ignore", *words]
    environment = with_path(cluster.environment)
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-4000:]


def open_page(words: list[str], cwd: Path) -> None:
    """Start the page, fetch it, and end it as Ctrl-C does."""
    command = [sys.executable, "-W", "ignore", *words, "--port", "0"]
    with subprocess.Popen(
        command,
        cwd=cwd,
        stdout=subprocess.PIPE,
        text=True,
        env=with_path(os.environ),
        preexec_fn=listen_to_interrupts,
    ) as process:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        address = next(line for line in lines if line.startswith("open ")).split()[1]
        with urllib.request.urlopen(address) as page:
            assert b"<html" in page.read()
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(30)
        process.kill()  # nothing where it has ended
    assert process.returncode == 0


def run(command: Command, cwd: Path, cluster: RayCluster) -> None:
    text = fill_in(command.text).replace("HEAD:6379", cluster.address)
    program, *words = expand(command, text, cwd)
    if program == "sqlite3":
        query(words, cwd)
    elif program == "export":
        cluster.environment |= dict(word.split("=", 1) for word in words)
    elif program == "ray":
        cluster.run(words)
    elif "demo/web_demo.py" in words or "mmaux.web_demo" in words:
        open_page(words, cwd)
    else:
        assert program == "python", command
        words, settings = split_settings(words)
        added, stronger = split_settings(added_words(words))
        options = ["--cfg-options", *settings, *stronger] if settings or stronger else []
        words = [*words, *added, *options]
        if "--ray-address" in words:
            search_on(cluster, words, cwd)
        else:
            done = forked_commands().run(words, cwd, fake_tools=cwd / "fake_tools")
            assert done.status == 0, f"{command}\n{done.output[-4000:]}"


@pytest.fixture
def cluster() -> Iterator[RayCluster]:
    """Whose nodes are those that commands start."""
    cluster = RayCluster()
    yield cluster
    cluster.close()


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk[0])
def test_commands_run_in_their_order(
    walk: tuple[str, ...], folder: Path, cluster: RayCluster
) -> None:
    for document in walk:
        for command in commands_of(document):
            if not is_run_elsewhere(command.text):
                run(command, folder, cluster)


def test_no_document_is_left_out() -> None:
    walked = {document for walk in WALKS for document in walk}
    others = {
        document for document in documents() if document not in walked and commands_of(document)
    }
    assert others <= {"docs/tutorial.md", "docs/install.md"}
    for document in others - {"docs/tutorial.md"}:
        assert all(is_run_elsewhere(command.text) for command in commands_of(document))


@pytest.mark.parametrize("beginning", ELSEWHERE)
def test_what_another_test_runs_is_there(beginning: str) -> None:
    file, content = ELSEWHERE[beginning]
    assert content in (REPOSITORY / file).read_text(encoding="utf-8")
    texts = [command.text for document in documents() for command in commands_of(document)]
    assert any(text.startswith(beginning) for text in texts), "no document shows it any more"
