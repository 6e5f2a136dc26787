"""One encoder, one head a task."""

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import torch
from mmengine.config import ConfigDict
from mmengine.model import ModuleDict
from mmseg.models.segmentors import EncoderDecoder
from mmseg.models.segmentors.base import BaseSegmentor
from mmseg.structures import SegDataSample
from torch import Tensor, nn

from mmaux.models.auxiliary import BaseAuxiliary
from mmaux.models.data_preprocessor import MultiTaskDataPreProcessor
from mmaux.models.heads import BaseTaskHead, SemSegHead
from mmaux.registry import MODELS
from mmaux.utils.checkpoint import attach_load_report

SharedMaps = dict[str, tuple[Tensor, ...]]


@MODELS.register_module()
class MultiTaskEncoderDecoder(BaseSegmentor):
    """Hard parameter sharing: backbone, optional shared neck, one head a task.

    In training an auxiliary module may read the shared feature maps; it is run after the main
    heads, never in prediction, and built without drawing from the random stream of the main
    network, so that a network with it starts from the same weights as one without.

    Args:
        backbone: Any mmseg or mmpretrain backbone.
        heads: Task heads by task name; None leaves an inherited task out.
        neck: Shared layers between backbone and heads.
        auxiliary: An :class:`mmaux.models.AuxiliaryModule`, or another
            :class:`mmaux.models.BaseAuxiliary`; training only.
        task_weighting: A module that weighs the named losses by task, such as
            :class:`mmaux.models.UncertaintyWeighting`; training only. By default they are summed
            as they are.
        train_cfg: Unused, accepted as everywhere in mmseg.
        test_cfg: ``dict(mode='whole')``, or ``dict(mode='slide', crop_size=(h, w),
            stride=(h, w))``.
        data_preprocessor: A :class:`mmaux.models.MultiTaskDataPreProcessor`.
        pretrained: Checkpoint of the backbone; prefer ``backbone.init_cfg``.
        decode_head: None, to leave out the one of an inherited mmseg config.
        auxiliary_head: Likewise.
        init_cfg: As everywhere in mmengine.

    Raises:
        ValueError: No heads, a head of an unknown kind or under another name than its task's, a
            head of mmseg's segmentors, or mmseg's own data preprocessor, which pads depth with
            255 metres.
    """

    training_only: ClassVar[tuple[str, ...]] = ("auxiliary", "task_weighting")
    """Parts that take no part in prediction and are absent from what is deployed."""

    training_tasks: tuple[str, ...] | None = None
    """Tasks that :meth:`loss` computes, for methods that train some at a time; None: all."""

    shared_maps_hook: Callable[[SharedMaps], SharedMaps] | None = None
    """Replaces the shared maps before heads and auxiliary module read them, in :meth:`loss`."""

    def __init__(
        self,
        *,
        backbone: dict[str, Any],
        heads: Mapping[str, dict[str, Any]],
        neck: dict[str, Any] | None = None,
        auxiliary: dict[str, Any] | None = None,
        task_weighting: dict[str, Any] | None = None,
        train_cfg: dict[str, Any] | None = None,
        test_cfg: dict[str, Any] | None = None,
        data_preprocessor: dict[str, Any] | nn.Module | None = None,
        pretrained: str | None = None,
        decode_head: None = None,
        auxiliary_head: None = None,
        init_cfg: dict[str, Any] | None = None,
    ) -> None:
        for name, inherited in (("decode_head", decode_head), ("auxiliary_head", auxiliary_head)):
            if inherited is not None:
                raise ValueError(
                    f"model.{name} is mmseg's; here heads are named by task. Set {name}=None and "
                    "give heads=dict(semseg=dict(type='mmaux.SemSegHead', num_classes=..., "
                    "decoder=dict(...)))."
                )
        if data_preprocessor is None:
            data_preprocessor = {"type": "mmaux.MultiTaskDataPreProcessor"}
        super().__init__(data_preprocessor=data_preprocessor, init_cfg=init_cfg)
        if not isinstance(self.data_preprocessor, MultiTaskDataPreProcessor):
            raise ValueError(
                f"data_preprocessor is {type(self.data_preprocessor).__name__}, which pads depth "
                "with a valid value; use type='mmaux.MultiTaskDataPreProcessor' (the same "
                "arguments)."
            )
        if pretrained is not None:
            backbone = {**backbone, "init_cfg": {"type": "Pretrained", "checkpoint": pretrained}}
        configs = {t: c for t, c in (heads or {}).items() if t != "_scope_" and c is not None}
        if not configs:
            raise ValueError("heads names one head a task, found none.")
        self.backbone = MODELS.build(backbone)
        if neck is not None:
            self.neck = MODELS.build(neck)
        self.heads = ModuleDict({t: self._build_head(t, configs[t]) for t in configs})
        self.auxiliary = self._build_auxiliary(auxiliary, configs)
        self.task_weighting = self._build_task_weighting(task_weighting)
        self.train_cfg = train_cfg
        self.test_cfg = {"mode": "whole"} if test_cfg is None else dict(test_cfg)
        self._check_test_cfg()
        attach_load_report(self, rename=self._single_task_names())
        if getattr(self.backbone, "init_cfg", None):
            attach_load_report(self.backbone)

    # Shared layers ---------------------------------------------------------------------------

    def extract_shared(self, inputs: Tensor) -> SharedMaps:
        """All shared feature maps of images (N, 3, H, W): of ``backbone`` and of ``neck``."""
        features = self.backbone(inputs)
        maps: SharedMaps = {"backbone": tuple(features)}
        if self.with_neck:
            features = self.neck(features)
            maps["neck"] = (features,) if isinstance(features, Tensor) else tuple(features)
        return maps

    @staticmethod
    def maps_for_heads(shared: SharedMaps) -> tuple[Tensor, ...]:
        """The maps that the heads read: the neck's, or the backbone's without one."""
        return shared.get("neck", shared["backbone"])

    def extract_feat(self, inputs: Tensor) -> tuple[Tensor, ...]:
        """The maps that the heads read, for images (N, 3, H, W)."""
        return self.maps_for_heads(self.extract_shared(inputs))

    # Training --------------------------------------------------------------------------------

    def loss(self, inputs: Tensor, data_samples: Sequence[SegDataSample]) -> dict[str, Tensor]:
        """Losses named ``task.loss_x`` and, from the auxiliary module, ``task.aux.loss_x``.

        What stands before the first dot is the task whose objective a loss belongs to. A task
        weighting has been applied, and adds terms of its own. Of the tasks, those of
        :attr:`training_tasks` are computed, from maps that have gone through
        :attr:`shared_maps_hook`.
        """
        shared = self.extract_shared(inputs)
        if self.shared_maps_hook is not None:
            shared = self.shared_maps_hook(shared)
        tasks = tuple(self.heads) if self.training_tasks is None else self.training_tasks
        size = inputs.shape[-2:]
        features = self.maps_for_heads(shared)
        losses: dict[str, Tensor] = {}
        for task in tasks:
            for name, value in self.heads[task].loss(features, data_samples, size).items():
                losses[f"{task}.{name}"] = value
        if self.auxiliary is not None:
            for task, values in self.auxiliary.loss(shared, data_samples, size, tasks).items():
                for name, value in values.items():
                    losses[f"{task}.aux.{name}"] = value
        return losses if self.task_weighting is None else self.task_weighting(losses)

    # Prediction ------------------------------------------------------------------------------

    @property
    def out_channels(self) -> int:
        """Channels of all tasks' fields together."""
        return sum(head.out_channels for head in self.heads.values())

    def encode_decode(self, inputs: Tensor, batch_img_metas: list[dict[str, Any]]) -> Tensor:
        """All tasks' fields, concatenated: (N, out_channels, H, W) at the input's size."""
        features = self.extract_feat(inputs)
        fields = [head.predict_field(features, inputs.shape[-2:]) for head in self.heads.values()]
        return torch.cat(fields, dim=1)

    slide_inference = EncoderDecoder.slide_inference
    whole_inference = EncoderDecoder.whole_inference

    def predict(
        self, inputs: Tensor, data_samples: list[SegDataSample] | None = None
    ) -> list[SegDataSample]:
        """Predictions of images (N, 3, H, W) at their original sizes, written to the samples."""
        if data_samples is None:
            meta = {"ori_shape": inputs.shape[-2:], "img_shape": inputs.shape[-2:]}
            data_samples = [SegDataSample(metainfo=dict(meta)) for _ in inputs]
        metas = [copy.copy(sample.metainfo) for sample in data_samples]
        run = self.slide_inference if self.test_cfg["mode"] == "slide" else self.whole_inference
        return self.postprocess_result(run(inputs, metas), data_samples)

    def postprocess_result(
        self, fields: Tensor, data_samples: list[SegDataSample]
    ) -> list[SegDataSample]:
        """Write the predictions from concatenated fields (N, out_channels, H, W)."""
        channels = [head.out_channels for head in self.heads.values()]
        for sample, joined in zip(data_samples, fields, strict=True):
            parts = joined.split(channels, dim=0)
            for head, field in zip(self.heads.values(), parts, strict=True):
                sample.set_data(head.to_prediction(head.restore(field, sample.metainfo)))
        return data_samples

    def _forward(
        self, inputs: Tensor, data_samples: Sequence[SegDataSample] | None = None
    ) -> dict[str, Tensor]:
        """Raw maps by task, (N, C, h, w) at the decoders' resolution."""
        features = self.extract_feat(inputs)
        return {task: head(features) for task, head in self.heads.items()}

    # Building --------------------------------------------------------------------------------

    def remove_auxiliary(self) -> None:
        """Drop the auxiliary module and all else of training; predictions stay bit-identical."""
        for name in self.training_only:
            setattr(self, name, None)

    def training_only_parameters(self) -> list[nn.Parameter]:
        """Parameters that prediction never uses."""
        parts = (getattr(self, name) for name in self.training_only)
        return [p for part in parts if part is not None for p in part.parameters()]

    @staticmethod
    def _build_head(task: str, config: dict[str, Any]) -> BaseTaskHead:
        try:
            head = MODELS.build(config)
        except ValueError as error:
            raise ValueError(f"heads.{task}: {error}") from error
        if not isinstance(head, BaseTaskHead):
            raise ValueError(
                f"heads.{task} is a {type(head).__name__}; a task's head is a subclass of "
                "mmaux.BaseTaskHead (mmaux.SemSegHead, mmaux.DepthHead, ...), and an mmseg "
                "decode head goes into its decoder."
            )
        if head.target.task != task:
            raise ValueError(
                f"heads names {task!r}, but {type(head).__name__} learns the task "
                f"{head.target.task!r}; a head has its task's name, under which the data, the "
                f"auxiliary module and the losses know it: heads=dict({head.target.task}=...)."
            )
        return head

    @staticmethod
    def _build_auxiliary(
        config: dict[str, Any] | None, heads: Mapping[str, dict[str, Any]]
    ) -> BaseAuxiliary | None:
        if config is None:
            return None
        with torch.random.fork_rng(devices=[]):
            return MODELS.build({**config, "heads": heads})

    def _build_task_weighting(self, config: dict[str, Any] | None) -> nn.Module | None:
        if config is None:
            return None
        return MODELS.build({**config, "kinds": {t: h.kind for t, h in self.heads.items()}})

    def _check_test_cfg(self) -> None:
        mode = self.test_cfg.setdefault("mode", "whole")
        if mode not in ("whole", "slide"):
            raise ValueError(f"test_cfg.mode is 'whole' or 'slide', found {mode!r}.")
        if mode == "slide" and not {"crop_size", "stride"} <= set(self.test_cfg):
            raise ValueError("test_cfg.mode='slide' needs crop_size=(h, w) and stride=(h, w).")
        self.test_cfg = ConfigDict(self.test_cfg)

    def _single_task_names(self) -> dict[str, str]:
        """Prefixes of a single-task mmseg checkpoint and where they belong here."""
        for task, head in self.heads.items():
            if isinstance(head, SemSegHead):
                return {"decode_head.": f"heads.{task}.decoder."}
        return {}
