import torch
from multi_task_toy import ToyModel, batch, objectives

from mmaux.engine.optimizers.reached_parameters import reached_parameters


def test_the_graph_tells_what_autograd_would():
    model = ToyModel()
    parameters = list(model.parameters())
    for task, loss in objectives(model, batch()).items():
        gradients = torch.autograd.grad(loss, parameters, retain_graph=True, allow_unused=True)
        expected = {p for p, g in zip(parameters, gradients, strict=True) if g is not None}
        assert reached_parameters(loss) == expected, task
        assert 0 < len(expected) < len(parameters)
    assert reached_parameters(torch.ones(())) == set()
