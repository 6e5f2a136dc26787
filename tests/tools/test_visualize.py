import runpy
import sys
from pathlib import Path

import cv2
import pytest
import torch
from mmengine.config import Config
from networks import build_network
from run_configs import small_run

TOOL = Path(__file__).parents[2] / "tools" / "analysis" / "visualize.py"


@pytest.fixture
def visualize(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["visualize.py", *words])
        with pytest.raises(SystemExit) as stopped:
            runpy.run_path(str(TOOL), run_name="__main__")
        captured = capsys.readouterr()
        return stopped.value.code, captured.out + captured.err

    return run


def test_two_networks_on_two_samples(visualize, tmp_path):
    config: Config = small_run(tmp_path)
    Path("net.py").write_text(config.pretty_text)
    for seed in (0, 1):
        torch.save({"state_dict": build_network(seed=seed).state_dict()}, f"{seed}.pth")
    words = ["joint=net.py,0.pth", "auxi=net.py,1.pth", "--out", "new/panels.png"]
    status, printed = visualize(*words, "--samples", "0", "2")
    assert status == 0, printed
    assert "wrote new/panels.png\n" in printed
    two = cv2.imread("new/panels.png")
    visualize(*words, "--samples", "1")
    one = cv2.imread("new/panels.png")
    assert two.shape == (2 * one.shape[0], one.shape[1], 3)
    assert one.shape[1] > 4 * 256, "the image and three tasks"
    assert one.shape[0] > 3 * 192, "truth and two networks"
    status, printed = visualize(*words, "--samples", "9")
    assert status == 2
    assert "no test samples [9], only 0 to 3" in printed


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("joint", "networks: found 'joint', expected NAME=RUN or NAME=CONFIG,CHECKPOINT"),
        ("a=absent", "'absent' holds no finished run"),
        ("a=absent.py,b.pth", "absent.py"),
        ("a=x.py,x.pth a=y.py,y.pth", "networks: found the name 'a' twice; give each network its"),
    ],
)
def test_errors(visualize, words, message):
    status, printed = visualize(*words.split())
    assert status == 2
    assert message in printed
