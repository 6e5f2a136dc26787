from pathlib import Path

import pytest
import torch

from mmaux.experiments.exploration import relative_distances


def write(path: Path, state: dict[str, list[float]]) -> Path:
    tensors = {name: torch.tensor(values) for name, values in state.items()}
    torch.save({"state_dict": tensors, "meta": {}}, path)
    return path


def test_hand_computed(tmp_path: Path) -> None:
    files = [
        write(
            tmp_path / f"{number}.pth",
            {"backbone.w": weights, "backbone.bn.running_mean": [number], "head.w": [number]},
        )
        for number, weights in enumerate([[3.0, 0.0], [0.0, 4.0], [3.0, 0.0]])
    ]
    # The first two: sqrt(9 + 16) over sqrt((9 + 16) / 2).
    assert relative_distances(files) == pytest.approx([2**0.5, 0.0, 2**0.5])
    assert relative_distances(files[:1]) == []


def test_other_parameters_are_refused(tmp_path: Path) -> None:
    one = write(tmp_path / "one.pth", {"backbone.w": [1.0]})
    other = write(tmp_path / "other.pth", {"backbone.v": [1.0]})
    with pytest.raises(ValueError, match=r"other\.pth': its backbone has other parameters than"):
        relative_distances([one, other])
    with pytest.raises(ValueError, match=r"one\.pth': its neck has other parameters"):
        relative_distances([one, other], part="neck")
