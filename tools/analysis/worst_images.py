"""The test images that a network does worst on, task by task.

python tools/analysis/worst_images.py CONFIG CHECKPOINT --task depth --count 6 --out worst.png
"""

import argparse
import csv
import sys
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import mmcv
import numpy as np
import torch
from mmengine.config import Config, DictAction

import mmaux  # noqa: F401 (makes 'mmaux::' configs and checkpoints known)
from mmaux.apis import init_model
from mmaux.apis.predicted_samples import build_test_data, predicted_samples
from mmaux.evaluation import StreamingMetric
from mmaux.evaluation.image_results import ImageResult, ImageResults
from mmaux.registry import METRICS
from mmaux.utils.config_file import read_config
from mmaux.utils.files import atomic_write, ensure_writable_dir
from mmaux.utils.progress import progress_bar
from mmaux.visualization import draw_panel, write_picture
from mmaux.visualization.multi_task_visualizer import pixel_fields


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("config", help="config of the network")
    parser.add_argument("checkpoint", help="its weights")
    parser.add_argument("--task", required=True, help="such as semseg, depth, normal")
    parser.add_argument("--metric", help="a result of the task's metric (its headline)")
    parser.add_argument("--better", choices=("up", "down"), help="direction of another metric")
    parser.add_argument("--count", type=int, default=6, help="images to draw (%(default)s)")
    parser.add_argument("--out", type=Path, default=Path("worst.png"), help="(%(default)s)")
    parser.add_argument("--csv", type=Path, help="values of all images")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument(
        "--cfg-options", nargs="+", action=DictAction, help="override settings of the config"
    )
    args = parser.parse_args()
    if args.count < 1:
        parser.error(f"--count is {args.count}; expected 1 or more")
    return args


def metric_of(config: Config, task: str) -> StreamingMetric:
    """The task's metric in the config's test evaluator.

    Raises:
        ValueError: There is none.
    """
    entries = config.get("test_evaluator") or []
    entries = [entries] if isinstance(entries, dict) else entries
    built = [METRICS.build(entry) for entry in entries]
    metrics = [metric for metric in built if isinstance(metric, StreamingMetric)]
    for metric in metrics:
        if metric.head == task:
            return metric
    known = ", ".join(metric.head for metric in metrics) or "none"
    raise ValueError(f"--task: the config's test_evaluator measures {known}, found {task!r}.")


def draw(network: Any, dataset: Any, worst: list[ImageResult], name: str) -> np.ndarray:
    """Panels of the images, one below the other."""
    panels = []
    samples = predicted_samples(network, dataset, [result.index for result in worst])
    for result, sample in zip(worst, samples, strict=True):
        print(f"{name} {result.value:.4g}  {result.path}")
        image = mmcv.imread(result.path, channel_order="rgb")
        fields = pixel_fields(sample)
        panels.append(draw_panel(image, fields, dataset_meta=dataset.metainfo, cell_size=320))
    width = max(panel.shape[1] for panel in panels)
    edges = [((0, 0), (0, width - panel.shape[1]), (0, 0)) for panel in panels]
    return np.concatenate(
        [np.pad(p, edge, constant_values=255) for p, edge in zip(panels, edges, strict=True)]
    )


def main() -> int:
    """Run the command."""
    args = parse_args()
    try:
        ensure_writable_dir(args.out.parent)
        config = read_config(args.config)
        config.merge_from_dict(args.cfg_options or {})
        dataset = build_test_data(config)
        network = init_model(config, args.checkpoint, device=args.device)
        metric = metric_of(config, args.task)
        results = ImageResults(metric, name=args.metric, dataset_meta=dataset.metainfo)
        with progress_bar("images", total=len(dataset)) as advance:
            for sample in predicted_samples(network, dataset):
                results.add(sample)
                advance()
        worst = results.worst(args.count, better=args.better)
        if not worst:
            raise ValueError(f"no test image has labels of {args.task!r}.")
        if args.csv is not None:
            ensure_writable_dir(args.csv.parent)
            with atomic_write(args.csv, "w") as file:
                writer = csv.writer(file)
                writer.writerow(["index", "image", results.name])
                writer.writerows([r.index, r.path, r.value] for r in results.results)
        write_picture(args.out, draw(network, dataset, worst, results.name))
    except (ValueError, OSError, RuntimeError, UnpicklingError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"wrote {args.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
