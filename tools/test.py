"""Evaluate a checkpoint."""

import argparse

from mmengine.registry import RUNNERS
from mmengine.runner import Runner

import mmaux  # noqa: F401 (makes 'mmaux::' configs and checkpoints known)
from mmaux.apis import (
    add_common_arguments,
    apply_tta,
    apply_visualization,
    keep_testing,
    load_run_config,
)
from mmaux.engine.hooks import CompleteCheckpointHook


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", help="config of the network")
    parser.add_argument("checkpoint", help="checkpoint file")
    add_common_arguments(parser)
    parser.add_argument("--show", action="store_true", help="show predictions on the screen")
    parser.add_argument("--show-dir", help="folder for panels of input, truth and prediction")
    parser.add_argument("--wait-time", type=float, default=2, help="seconds for --show")
    parser.add_argument("--tta", action="store_true", help="test-time augmentation (flips)")
    return parser.parse_args()


def main() -> None:
    """Run the command."""
    args = parse_args()
    config = load_run_config(args)
    if args.tta:
        apply_tta(config)
    keep_testing(config)
    config.load_from = args.checkpoint
    config.resume = False
    if args.show or args.show_dir:
        apply_visualization(config, show_dir=args.show_dir, show=args.show, wait=args.wait_time)
    runner = RUNNERS.build(config) if "runner_type" in config else Runner.from_cfg(config)
    runner.register_hook(CompleteCheckpointHook())
    runner.test()


if __name__ == "__main__":
    main()
