"""Never evaluate weights that were not loaded."""

from mmengine.hooks import Hook
from mmengine.model import BaseTTAModel, is_model_wrapper
from mmengine.runner import Runner

from mmaux.models import MultiTaskEncoderDecoder
from mmaux.registry import HOOKS
from mmaux.utils.checkpoint import last_load_report


@HOOKS.register_module()
class CompleteCheckpointHook(Hook):
    """Before testing, refuse a checkpoint that left part of the network at its initial weights.

    What only training has, such as the auxiliary module, may be absent. ``tools/test.py`` registers
    this hook; training from a partial checkpoint remains possible.
    """

    def before_test(self, runner: Runner) -> None:
        """Look at what the last load gave.

        Raises:
            ValueError: Nothing was loaded, or parts that predict were not.
        """
        model = runner.model
        while is_model_wrapper(model) or isinstance(model, BaseTTAModel):
            model = model.module
        if not isinstance(model, MultiTaskEncoderDecoder):
            return
        report = last_load_report(model)
        if report is None:
            raise ValueError("nothing was loaded: give a checkpoint to test.")
        lacking = {
            name: f"{len(group.matched)} of {len(group.matched) + len(left)}"
            for name, group in report.groups().items()
            if name not in model.training_only and (left := group.missing + group.mismatched)
        }
        if lacking:
            parts = ", ".join(f"{name} ({count} loaded)" for name, count in lacking.items())
            raise ValueError(
                f"the checkpoint {runner._load_from} does not fit the config: {parts}. The rest "
                "would be tested at random initial weights; use the config it was trained with."
            )
