"""How much an optimizer remembers."""

from torch import Tensor
from torch.utils._pytree import tree_leaves

from mmaux.engine.optimizers import MultiTaskOptimWrapper
from mmaux.engine.optimizers.reached_parameters import reached_parameters
from mmaux.models.task_weighting import sum_by_task

from .training_step import TrainingStep


def state_elements(wrapper: MultiTaskOptimWrapper) -> int:
    """Numbers that the optimizer keeps of parameters, under all tasks' states together."""
    state = wrapper.state_dict()
    leaves = tree_leaves([state["state"], state["multi_task"]["method"].get("states")])
    return sum(leaf.numel() for leaf in leaves if isinstance(leaf, Tensor))


def reached_elements(step: TrainingStep) -> dict[str, int]:
    """How many parameters each task's objective reaches: what a moment of its own would hold."""
    data = step.model.data_preprocessor(step.batch, True)
    objectives = sum_by_task(step.model(**data, mode="loss"))
    return {
        task: sum(p.numel() for p in reached_parameters(loss)) for task, loss in objectives.items()
    }
