"""mmseg decode heads as plain networks."""

from collections.abc import Sequence
from typing import Any

import torch
from mmengine.registry import DefaultScope
from mmseg.models.decode_heads.cascade_decode_head import BaseCascadeDecodeHead
from mmseg.models.decode_heads.decode_head import BaseDecodeHead
from mmseg.registry import MODELS as MMSEG_MODELS
from torch import nn

from mmaux.registry import MODELS

_PROBE_SIZE = 16
_LAYER_CONFIGS = {"act_cfg", "conv_cfg", "norm_cfg"}


def _input_channels(decoder: BaseDecodeHead) -> list[int]:
    """Channels of the feature maps that the decoder indexes, in order of the maps."""
    if decoder.input_transform is None:
        indices, channels = [decoder.in_index], [decoder.in_channels]
    elif decoder.input_transform == "resize_concat":
        # Only their sum is kept: any split will do for a probe.
        count = len(decoder.in_index)
        indices = list(decoder.in_index)
        channels = [decoder.in_channels - (count - 1)] + [1] * (count - 1)
    else:
        indices, channels = list(decoder.in_index), list(decoder.in_channels)
    total = max([i + 1 if i >= 0 else -i for i in indices])
    maps = [1] * total
    for index, channel in zip(indices, channels, strict=True):
        maps[index] = channel
    return maps


def check_channels(decoder: BaseDecodeHead, feature_maps: Sequence[torch.Tensor]) -> None:
    """Compare the feature maps that a decoder indexes with its ``in_channels``.

    Raises:
        ValueError: One is not there or has other channels; torch would name neither of the two.
    """
    if decoder.input_transform is None:
        expected = {decoder.in_index: decoder.in_channels}
    elif decoder.input_transform == "resize_concat":
        return
    else:
        expected = dict(zip(decoder.in_index, decoder.in_channels, strict=True))
    there = [getattr(feature_map, "shape", (0, None))[1] for feature_map in feature_maps]
    for index, channels in expected.items():
        if not -len(there) <= index < len(there):
            raise ValueError(
                f"decoder {type(decoder).__name__}: in_index={index}, but there are {len(there)} "
                f"feature maps, of {there} channels."
            )
        if there[index] not in (None, channels):  # None: a map with its class token
            raise ValueError(
                f"decoder {type(decoder).__name__}: in_channels says {channels} for in_index="
                f"{index}, but the feature maps have {there} channels."
            )


def _outputs_one_map(decoder: BaseDecodeHead, out_channels: int) -> str | None:
    """Why the decoder's ``forward(inputs)`` is not one map in training; None if it is."""
    was_training = decoder.training
    buffers = {name: buffer.clone() for name, buffer in decoder.named_buffers()}
    maps = [torch.zeros(2, c, _PROBE_SIZE, _PROBE_SIZE) for c in _input_channels(decoder)]
    decoder.train()
    try:
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            output = decoder(maps)
    except RuntimeError:
        # A probe knows the channels of the indexed maps only. Some heads read others too
        # (DepthwiseSeparableASPPHead its c1 map): the first real forward judges them.
        return None
    except TypeError as error:
        return f"its forward takes more than the feature maps ({error})"
    except Exception as error:
        return f"it does not run on feature maps alone ({type(error).__name__}: {error})"
    finally:
        decoder.train(was_training)
        for name, buffer in decoder.named_buffers():
            buffer.copy_(buffers[name])
    if not isinstance(output, torch.Tensor):
        return f"its forward returns a {type(output).__name__}, not one map"
    if output.ndim != 4 or output.shape[:2] != (2, out_channels):
        return f"its forward returns shape {tuple(output.shape)}, not (N, {out_channels}, H, W)"
    return None


def build_decoder(config: dict[str, Any], *, out_channels: int) -> nn.Module:
    """Build an mmseg decode head to be used as a network only.

    Args:
        config: Config of a decode head whose ``forward(inputs)`` takes the feature maps and
            returns one map, without ``num_classes``.
        out_channels: Channels of that map.

    Returns:
        The decode head; ``forward(feature_maps)`` gives (N, out_channels, h, w).

    Raises:
        ValueError: The head is a cascade, returns several maps or sets its own number of classes;
            the message names it.
    """
    config = dict(config)
    for key in _LAYER_CONFIGS & config.keys():
        # mmengine marks what {{_base_.norm_cfg}} copies with its package; layers refuse the mark.
        config[key] = {k: v for k, v in (config[key] or {}).items() if k != "_scope_"} or None
    name = config.get("type")
    for key in ("num_classes", "out_channels"):
        if key in config:
            raise ValueError(
                f"decoder {name}: {key} is set by the task's head ({out_channels}); "
                "remove it from the decoder's config."
            )
    kind = MODELS.get(name) if isinstance(name, str) else name
    if kind is None:
        raise ValueError(
            f"decoder {name!r} is not a known decode head; types carry their scope, as in "
            "'mmseg.FCNHead'."
        )
    if not (isinstance(kind, type) and issubclass(kind, BaseDecodeHead)):
        raise ValueError(f"decoder {name}: not a subclass of mmseg's BaseDecodeHead.")
    if issubclass(kind, BaseCascadeDecodeHead):
        raise ValueError(
            f"decoder {name} cannot serve a task: it is a cascade, which refines the output of "
            "another head; choose one that needs the feature maps only, such as mmseg.FCNHead."
        )
    config.update(num_classes=out_channels)
    if out_channels <= 2:
        # Keeps mmseg from warning about binary segmentation; the value is never used.
        config.update(out_channels=out_channels, threshold=0.5)
    config.setdefault("loss_decode", {"type": "mmseg.CrossEntropyLoss"})
    # Defaults of a head may name types without a scope (EncHead's loss): they are of its package.
    scope = name.rpartition(".")[0] if isinstance(name, str) else ""
    try:
        with DefaultScope.overwrite_default_scope(scope or None):
            decoder = MMSEG_MODELS.build(config)
    except TypeError as error:
        raise ValueError(
            f"decoder {name} cannot serve a task: its constructor is not that of a plain "
            f"decode head ({error})."
        ) from error
    except AssertionError as error:
        raise ValueError(
            f"decoder {name}: mmseg refuses its arguments ({str(error) or 'no reason given'}); "
            f"check in_channels={config.get('in_channels')}, "
            f"in_index={config.get('in_index', -1)} and "
            f"input_transform={config.get('input_transform')}."
        ) from error
    reason = _outputs_one_map(decoder, out_channels)
    if reason is not None:
        raise ValueError(
            f"decoder {name} cannot serve a task: {reason}; choose a decode head whose "
            "forward(inputs) returns one map, such as mmseg.FCNHead or mmseg.UPerHead."
        )
    return decoder
