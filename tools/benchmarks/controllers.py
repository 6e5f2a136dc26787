"""How many candidates each search strategy needs, on a synthetic reward with a known optimum.

python tools/benchmarks/controllers.py [--seeds 20] [--budget 10000] [--target 0.95]

The space is the real one of two tasks and four feature maps; the reward is
mmaux.search.evaluators.SyntheticEvaluator, another one for each seed. A search ends when a
candidate has the target's share of the optimum, or at the budget, where its count is censored.
"""

import argparse
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import Any

import mmaux  # noqa: F401 (makes registries known)
from mmaux.benchmarking.controller_attempt import NUM_INPUTS, TASKS, attempt
from mmaux.benchmarking.machine import describe_machine
from mmaux.benchmarking.report import BenchmarkReport, finish
from mmaux.search.candidates_needed import Attempt, log_rank_p, survival_quantile
from mmaux.search.search_settings import CONTROLLERS
from mmaux.utils.progress import progress_bar

FIRST_SEED = 0
"""Defaults of the controllers were chosen on seeds from 1000 on."""


def parse_args() -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20, help="(%(default)s)")
    parser.add_argument("--budget", type=int, default=10000, help="candidates (%(default)s)")
    parser.add_argument("--target", type=float, default=0.95, help="of the optimum (%(default)s)")
    parser.add_argument("--workers", type=int, default=2, help="processes (%(default)s)")
    parser.add_argument("--out", help="write the report as JSON")
    args = parser.parse_args()
    for name in ("seeds", "budget", "workers"):
        if getattr(args, name) < 1:
            parser.error(f"--{name} is {getattr(args, name)}; expected 1 or more")
    if not 0 < args.target <= 1:
        parser.error(f"--target is {args.target}; expected more than 0, at most 1")
    return args


def measure(args: argparse.Namespace) -> BenchmarkReport:
    """Run all searches."""
    machine = describe_machine()
    seeds = range(FIRST_SEED, FIRST_SEED + args.seeds)
    found: dict[tuple[str, int], Attempt] = {}
    # Not by fork, which PyTorch refuses in a process that has computed gradients.
    context = multiprocessing.get_context("spawn")
    with (
        ProcessPoolExecutor(args.workers, mp_context=context) as pool,
        progress_bar("searches", total=len(CONTROLLERS) * len(seeds)) as advance,
    ):
        futures = {
            pool.submit(attempt, strategy, seed, args.target, args.budget): (strategy, seed)
            for strategy in CONTROLLERS
            for seed in seeds
        }
        for future in as_completed(futures):
            found[futures[future]] = future.result()
            advance()
    by_strategy = {s: [found[s, seed] for seed in seeds] for s in CONTROLLERS}
    return BenchmarkReport(
        name="controllers",
        machine=machine,
        settings={
            "space": f"{len(TASKS)} tasks, {NUM_INPUTS} feature maps",
            "target": f"{100 * args.target:g} % of the optimum",
            "budget": args.budget,
            "seeds": f"{seeds[0]} to {seeds[-1]}",
        },
        details={
            strategy: _summary(attempts, by_strategy["random"])
            for strategy, attempts in by_strategy.items()
        },
        readings={s: [a.candidates for a in attempts] for s, attempts in by_strategy.items()},
    )


def _summary(attempts: list[Attempt], random: list[Attempt]) -> dict[str, Any]:
    bests = sorted(attempt.best for attempt in attempts)
    summary: dict[str, Any] = {
        "searches that reached the target": f"{sum(a.reached for a in attempts)} of {len(attempts)}"
    }
    for share in (0.25, 0.5, 0.75):
        needed = survival_quantile(attempts, share)
        name = f"candidates by which {100 * share:.0f} % had (Kaplan-Meier)"
        summary[name] = "more than the budget" if needed is None else needed
    summary["median of the best reward"] = round(bests[len(bests) // 2], 3)
    if attempts is not random:
        summary["log-rank test against random, p"] = f"{log_rank_p(attempts, random):.1e}"
    return summary


def main() -> int:
    """Run the command."""
    args = parse_args()
    try:
        finish(measure(args), out=args.out)
    except (ValueError, OSError, ImportError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
