"""Child registries of mmengine's roots, scope ``mmaux``.

``type='mmaux.X'`` resolves from any OpenMMLab project without ``custom_imports``: mmengine imports
this module when it meets the scope, and each registry imports its ``locations`` on the first use.
All roots have a child, also where mmaux adds nothing yet: with ``default_scope='mmaux'`` mmengine
warns about each that has none.
"""

from mmengine import registry as root
from mmengine.registry import Registry


def _child(parent: Registry, location: str = "mmaux.engine") -> Registry:
    return Registry(parent.name, parent=parent, scope="mmaux", locations=[location])


MODELS = _child(root.MODELS, "mmaux.models")
MODEL_WRAPPERS = _child(root.MODEL_WRAPPERS)
WEIGHT_INITIALIZERS = _child(root.WEIGHT_INITIALIZERS)

DATASETS = _child(root.DATASETS, "mmaux.datasets")
DATA_SAMPLERS = _child(root.DATA_SAMPLERS, "mmaux.datasets.samplers")
TRANSFORMS = _child(root.TRANSFORMS, "mmaux.datasets.transforms")
TASK_UTILS = _child(root.TASK_UTILS, "mmaux.datasets.targets")

METRICS = _child(root.METRICS, "mmaux.evaluation")
EVALUATORS = _child(root.EVALUATOR, "mmaux.evaluation")

RUNNERS = _child(root.RUNNERS)
RUNNER_CONSTRUCTORS = _child(root.RUNNER_CONSTRUCTORS)
LOOPS = _child(root.LOOPS, "mmaux.engine.loops")
HOOKS = _child(root.HOOKS, "mmaux.engine.hooks")
OPTIMIZERS = _child(root.OPTIMIZERS)
OPTIM_WRAPPERS = _child(root.OPTIM_WRAPPERS, "mmaux.engine.optimizers")
OPTIM_WRAPPER_CONSTRUCTORS = _child(root.OPTIM_WRAPPER_CONSTRUCTORS)
PARAM_SCHEDULERS = _child(root.PARAM_SCHEDULERS)
LOG_PROCESSORS = _child(root.LOG_PROCESSORS)

VISUALIZERS = _child(root.VISUALIZERS, "mmaux.visualization")
VISBACKENDS = _child(root.VISBACKENDS)
INFERENCERS = _child(root.INFERENCERS)

# mmengine has no roots for these.
SEARCH_CONTROLLERS = Registry(
    "search controller", scope="mmaux", locations=["mmaux.search.controllers"]
)
SEARCH_EVALUATORS = Registry(
    "search evaluator", scope="mmaux", locations=["mmaux.search.evaluators"]
)
TASK_OPTIMIZATION = Registry(
    "multi-task optimization", scope="mmaux", locations=["mmaux.engine.optimizers"]
)
