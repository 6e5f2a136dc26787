"""What an exported file says about itself."""

import json
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from mmaux.models import MultiTaskEncoderDecoder
from mmaux.version import __version__

from .image_preparation import ImagePreparation
from .image_resize import ImageResize


@dataclass(frozen=True)
class ExportedOutput:
    """One output of an exported network.

    Attributes:
        task: Name of the task, and of the output.
        channels: Channels of its field.
        unit: Unit of its prediction: ``class id``, ``metre``, ``unit vector``, ...
        value_range: Smallest and largest value of its prediction; None: not bounded.
    """

    task: str
    channels: int
    unit: str
    value_range: tuple[float, float] | None


@dataclass(frozen=True)
class ExportMetadata:
    """Description of an exported network; JSON inside its file.

    Attributes:
        mmaux_version: Version that exported it.
        outputs: The outputs, in their order.
        classes: Names of the classes; empty: not known.
        preparation: How an RGB image becomes the network's input.
        complete: Whether preprocessing and postprocessing are part of the graph: uint8 RGB
            (N, H, W, 3) in, predictions out. Otherwise normalised float32 (N, 3, H, W) in,
            fields out.
        size: Height and width of the graph's input in pixels; None: any.
        resize: How the config's test pipeline resizes images beforehand, which is never part of the
            graph; None: not at all.
    """

    mmaux_version: str
    outputs: tuple[ExportedOutput, ...]
    classes: tuple[str, ...]
    preparation: ImagePreparation
    complete: bool
    size: tuple[int, int] | None
    resize: ImageResize | None = None

    KEY: ClassVar[str] = "mmaux.json"
    """Key of the JSON text in ONNX ``metadata_props``; name of the extra file elsewhere."""

    @classmethod
    def of(
        cls,
        network: MultiTaskEncoderDecoder,
        *,
        classes: tuple[str, ...],
        complete: bool,
        size: tuple[int, int] | None,
        resize: ImageResize | None = None,
    ) -> "ExportMetadata":
        """Describe a network.

        Raises:
            ValueError: A head does not say what it delivers, or the preprocessor's padding
                cannot be exported.
        """
        outputs = []
        for task, head in network.heads.items():
            if head.delivered is None:
                raise ValueError(
                    f"heads.{task}: {type(head).__name__} cannot be exported: set its class "
                    "attribute `delivered` to a mmaux.models.heads.DeliveredMap."
                )
            outputs.append(
                ExportedOutput(task, head.out_channels, head.delivered.unit, head.value_range)
            )
        return cls(
            mmaux_version=__version__,
            outputs=tuple(outputs),
            classes=classes,
            preparation=ImagePreparation.of(network.data_preprocessor),
            complete=complete,
            size=size,
            resize=resize,
        )

    @property
    def input_name(self) -> str:
        """Name of the graph's input: ``image``, or ``input`` where it is normalised already."""
        return "image" if self.complete else "input"

    @property
    def output_names(self) -> tuple[str, ...]:
        """Names of the graph's outputs: the tasks."""
        return tuple(output.task for output in self.outputs)

    def to_json(self) -> str:
        """JSON text."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "ExportMetadata":
        """The inverse of :meth:`to_json`.

        Raises:
            ValueError: The text is not that of this version.
        """
        try:
            content: dict[str, Any] = json.loads(text)
            preparation = content.pop("preparation")
            resize = content.pop("resize")
            outputs = [
                {**o, "value_range": _tuple(o["value_range"])} for o in content.pop("outputs")
            ]
            return cls(
                **{
                    **content,
                    "classes": tuple(content["classes"]),
                    "size": _tuple(content["size"]),
                    "outputs": tuple(ExportedOutput(**output) for output in outputs),
                    "resize": resize and ImageResize(tuple(resize["scale"]), resize["keep_ratio"]),
                    "preparation": ImagePreparation(
                        **{
                            **preparation,
                            "mean": _tuple(preparation["mean"]),
                            "std": _tuple(preparation["std"]),
                        }
                    ),
                }
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(
                f"the description inside the file is not one of mmaux {__version__} "
                f"({type(error).__name__}: {error}); export the network again."
            ) from error


def _tuple(values: list[Any] | None) -> Any:
    return None if values is None else tuple(values)
