"""Train a multi-task network."""

import argparse

from mmengine.registry import RUNNERS
from mmengine.runner import Runner

import mmaux  # noqa: F401 (makes 'mmaux::' configs and checkpoints known)
from mmaux.apis import (
    add_common_arguments,
    apply_amp,
    apply_resume,
    check_load_from,
    check_tasks_and_data,
    dry_run,
    load_run_config,
)


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", help="training config")
    add_common_arguments(parser)
    parser.add_argument(
        "--resume",
        nargs="?",
        const="auto",
        help="continue from the newest whole checkpoint in the work folder, or from the given one",
    )
    parser.add_argument("--amp", action="store_true", help="automatic mixed precision")
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="build everything, run a step, print parameters, memory and time, and stop",
    )
    return parser.parse_args()


def main() -> None:
    """Run the command."""
    args = parse_args()
    config = load_run_config(args)
    if args.amp:
        apply_amp(config)
    if args.resume is not None:
        apply_resume(config, args.resume)
    check_load_from(config)
    check_tasks_and_data(config)
    if args.dry_run:
        dry_run(config).print()
        return
    runner = RUNNERS.build(config) if "runner_type" in config else Runner.from_cfg(config)
    runner.train()


if __name__ == "__main__":
    main()
