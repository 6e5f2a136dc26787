"""One process of the distributed test: RANK WORLD_SIZE STORE OUT, results as JSON."""

import json
import sys
from pathlib import Path

import torch
from mmengine.dataset import DefaultSampler
from mmengine.evaluator import Evaluator
from torch import distributed
from torch.nn.functional import normalize

from mmaux.evaluation import DepthMetric, NormalMetric, SemSegMetric

# (images in the data set, sampler pads the last round)
CASES = [(5, True), (4, True), (1, True), (1, False), (5, False)]


def sample(index):
    """Sample `index`: random maps, depth missing in every third image, normals in the first."""
    generator = torch.manual_seed(index)
    maps = {
        "pred_sem_seg": torch.randint(0, 4, (1, 6, 7), generator=generator),
        "gt_sem_seg": torch.randint(0, 4, (1, 6, 7), generator=generator),
        "pred_depth_map": torch.rand(1, 6, 7, generator=generator) * 9 + 0.1,
        "gt_depth_map": torch.rand(1, 6, 7, generator=generator) * 11,
        "pred_normal_map": torch.randn(3, 6, 7, generator=generator),
        "gt_normal_map": normalize(torch.randn(3, 6, 7, generator=generator), dim=0),
    }
    if index % 3 == 2:
        del maps["gt_depth_map"]
    if index == 0:
        del maps["gt_normal_map"]
    return {"img_path": f"{index}.png"} | {k: {"data": v} for k, v in maps.items()}


def build():
    evaluator = Evaluator(
        [
            SemSegMetric(),
            DepthMetric(),
            DepthMetric(average="image", prefix="depth_by_image"),
            NormalMetric(),
        ]
    )
    evaluator.dataset_meta = {"classes": ("a", "b", "c", "d")}
    return evaluator


def evaluate_cases():
    """Results of every case, one evaluator for all (its state must reset)."""
    evaluator = build()
    results = []
    for size, round_up in CASES:
        for index in DefaultSampler(range(size), shuffle=True, seed=3, round_up=round_up):
            evaluator.process([sample(index)])
        results.append(evaluator.evaluate(size))
    return results


def main():
    rank, world_size = int(sys.argv[1]), int(sys.argv[2])
    distributed.init_process_group(
        "gloo", init_method=f"file://{sys.argv[3]}", rank=rank, world_size=world_size
    )
    results = evaluate_cases()
    overflow = ""
    evaluator = build()
    for index in range(3):  # 6 samples in all for a data set of 3: not the sampler's padding
        evaluator.process([sample(index)])
    try:
        evaluator.evaluate(3)
    except ValueError as error:
        overflow = str(error)
    distributed.destroy_process_group()
    Path(sys.argv[4]).write_text(json.dumps({"results": results, "overflow": overflow}))


if __name__ == "__main__":
    main()
