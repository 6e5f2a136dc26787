"""One process of the distributed test: RANK WORLD_SIZE STORE OUT, recorded values as JSON."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import torch
from mmengine.model import MMDistributedDataParallel
from mmengine.optim import OptimWrapper
from networks import auxiliary, batch, build_network
from torch import distributed

from mmaux.engine.hooks import GradientRecordHook

TASKS = ("semseg", "depth")


class Recorder:
    """In place of a visualizer."""

    def __init__(self):
        self.records = {}

    def add_scalars(self, scalars, *, step):
        self.records[step] = dict(scalars)


def step(network, data, *, interval):
    """Train a step on a batch; what was recorded."""
    optim_wrapper = OptimWrapper(torch.optim.SGD(network.parameters(), lr=0.1))
    visualizer = Recorder()
    runner = SimpleNamespace(
        model=network, optim_wrapper=optim_wrapper, visualizer=visualizer, iter=0
    )
    hook = GradientRecordHook(layers=("backbone.layer1", "backbone.layer6"), interval=interval)
    hook.before_train(runner)
    hook.before_train_iter(runner, 0)
    network.train_step(data, optim_wrapper)
    hook.after_train_iter(runner, 0)
    return visualizer.records


def small_network():
    """Without batch statistics, which the processes would not share."""
    network = build_network(*TASKS, auxiliary=auxiliary()).train()
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.eval()
    return network


def digest(network):
    """A number that changes with any weight."""
    return sum(float(p.double().abs().sum()) for p in network.parameters())


def main():
    rank, world_size = int(sys.argv[1]), int(sys.argv[2])
    distributed.init_process_group(
        "gloo", init_method=f"file://{sys.argv[3]}", rank=rank, world_size=world_size
    )
    digests = []
    for interval in (0, 1):
        network = MMDistributedDataParallel(small_network())
        records = step(network, batch(TASKS, TASKS, seed=rank), interval=interval)
        digests.append(digest(network))
    distributed.destroy_process_group()
    Path(sys.argv[4]).write_text(json.dumps({"record": records[1], "digests": digests}))


if __name__ == "__main__":
    main()
