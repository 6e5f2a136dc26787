"""Which inspector looks at which kind of target."""

from collections.abc import Sequence

from mmaux.datasets.targets import DepthTarget, NormalTarget, SceneTarget, SemSegTarget, Target

from .depth_inspector import DepthInspector
from .normal_inspector import NormalInspector
from .scene_inspector import SceneInspector
from .sem_seg_inspector import SemSegInspector
from .target_inspector import TargetInspector, ValueInspector

_INSPECTORS: dict[type[Target], type[TargetInspector]] = {
    DepthTarget: DepthInspector,
    NormalTarget: NormalInspector,
    SceneTarget: SceneInspector,
    SemSegTarget: SemSegInspector,
}


def register_inspector(target: type[Target], inspector: type[TargetInspector]) -> None:
    """Let ``inspector`` look at targets of this class and its subclasses.

    Raises:
        TypeError: If one of them is of another kind.
    """
    if not issubclass(target, Target) or not issubclass(inspector, TargetInspector):
        raise TypeError(
            "register_inspector takes a Target class and a TargetInspector class, found "
            f"{target!r} and {inspector!r}."
        )
    _INSPECTORS[target] = inspector


def inspector_of(target: Target, classes: Sequence[str] = ()) -> TargetInspector:
    """The inspector of the nearest base class that has one; of plain numbers if none has."""
    bases = type(target).__mro__
    found = next((_INSPECTORS[base] for base in bases if base in _INSPECTORS), ValueInspector)
    return found(target.task, classes)
