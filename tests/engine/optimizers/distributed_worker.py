"""Training under each method: RANK WORLD_SIZE STORE OUT, final weights by method.

With a world of one the whole batch is trained on by this process alone.
"""

import sys

import torch
from mmengine.model import MMDistributedDataParallel
from networks import auxiliary, batch, build_network
from torch import distributed

from mmaux.engine.optimizers import MultiTaskOptimWrapper

TASKS = ("semseg", "depth", "normal")
METHODS = {
    "sum": {"type": "mmaux.Scalarization", "scalarizer": "Sum"},
    "geometric_mean": {"type": "mmaux.Scalarization", "scalarizer": "GeometricMean"},
    "random": {"type": "mmaux.Scalarization", "scalarizer": "Random"},
    "famo": {"type": "mmaux.Scalarization", "scalarizer": "FAMO"},
    "gradnorm": {"type": "mmaux.GradNorm", "layers": ["backbone.layer6"]},
    "mgda": {"type": "mmaux.Aggregation", "aggregator": "MGDA"},
    "graddrop": {"type": "mmaux.Aggregation", "aggregator": "GradDrop"},
    "upgrad_features": {"type": "mmaux.Aggregation", "aggregator": "UPGrad", "level": "features"},
    "alternation": {"type": "mmaux.Alternation"},
    "alternation_per_task": {"type": "mmaux.Alternation", "groups": 2, "state": "per_task"},
}


def samples(number):
    """Four images whose valid pixels are spread unevenly, one without depth."""
    data = batch(TASKS, TASKS, ("semseg", "normal"), TASKS, seed=number)
    for place, sample in enumerate(data["data_samples"]):
        sample.gt_sem_seg.data[:, : 13 * place] = 255
        sample.gt_normal_map.data[:, :, 20 * place :] = 0
        if "gt_depth_map" in sample:
            sample.gt_depth_map.data[:, : 15 * place, :50] = 0
    return data


def part(data, rank, world_size):
    size = len(data["inputs"]) // world_size
    return {name: values[rank * size : (rank + 1) * size] for name, values in data.items()}


def trained(method, rank, world_size):
    """Weights after three steps; batch norms keep their statistics, as each process has its own."""
    network = build_network(*TASKS, auxiliary=auxiliary()).train()
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.eval()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9)
    wrapper = MultiTaskOptimWrapper(
        optimizer=optimizer, method=method, clip_grad={"max_norm": 10.0}
    )
    model = MMDistributedDataParallel(network) if world_size > 1 else network
    for number in range(3):
        logged = wrapper.train_step(model, part(samples(number), rank, world_size))
    return network.state_dict(), logged["loss"]


def main():
    rank, world_size = int(sys.argv[1]), int(sys.argv[2])
    if world_size > 1:
        distributed.init_process_group(
            "gloo", init_method=f"file://{sys.argv[3]}", rank=rank, world_size=world_size
        )
    result = {name: trained(method, rank, world_size) for name, method in METHODS.items()}
    if world_size > 1:
        distributed.destroy_process_group()
    torch.save(result, sys.argv[4])


if __name__ == "__main__":
    main()
