"""From a trained network, or an exported one, to predictions for any images."""

import contextlib
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate

from mmaux.datasets.image_pipeline import image_pipeline, prepare
from mmaux.deploy import ExportedNetwork, load_exported
from mmaux.registry import MODELS
from mmaux.utils.files import OutputPathError
from mmaux.utils.progress import progress_bar
from mmaux.utils.tta_config import check_tta

from .image_source import Frame, ImageSource, Input, UnreadableImage
from .live_view import LiveView
from .model import init_model
from .prediction import Prediction, to_float32
from .result_writer import ResultWriter


class MultiTaskInferencer:
    """Predicts images, folders and videos, in the manner of mmseg's ``MMSegInferencer``.

    >>> inferencer = MultiTaskInferencer('mmaux::joint_all_mbv2_nyud.py', 'iter_40000.pth')
    >>> prediction, = inferencer('kitchen.jpg')
    >>> prediction.maps['depth'].max()  # metres

    Args:
        model: Config of the network (see :func:`init_model`), or a file that
            ``tools/deployment/export.py`` wrote.
        checkpoint: Its weights; None for an exported file.
        device: Where it runs; an exported file always runs on the CPU.
        half: Predict in half precision: float16 on a GPU, bfloat16 on a CPU that computes in it.
        tta: Average over the config's test-time augmentations.
        window: Height and width of sliding windows; None: as the config says.
        stride: Steps from one window to the next; by default two thirds of it.
        cfg_options: Settings of the config to override.

    Raises:
        ValueError: The arguments contradict each other, or config and checkpoint do.
    """

    def __init__(
        self,
        model: str | Path | Config,
        checkpoint: str | Path | None = None,
        *,
        device: str | torch.device | None = None,
        half: bool = False,
        tta: bool = False,
        window: tuple[int, int] | None = None,
        stride: tuple[int, int] | None = None,
        cfg_options: dict[str, Any] | None = None,
    ) -> None:
        self.exported: ExportedNetwork | None = None
        if checkpoint is None:
            given = {
                "half": half,
                "tta": tta,
                "window": window,
                "stride": stride,
                "cfg_options": cfg_options,
            }
            if isinstance(model, Config) or str(model).endswith(".py"):
                raise ValueError(f"'{model}' is a config; give the checkpoint too.")
            if used := [name for name, value in given.items() if value]:
                raise ValueError(
                    f"'{model}' is an exported network, which runs as it was exported: without "
                    f"{', '.join(used)}."
                )
            self.exported = load_exported(model)
            self.dataset_meta: dict[str, Any] = {"classes": self.exported.metadata.classes or None}
            return
        options = dict(cfg_options or {})
        if window is not None:
            if min(window) < 1 or (stride is not None and min(stride) < 1):
                raise ValueError(f"window and stride are positive, found {window} and {stride}.")
            steps = stride or tuple(max(1, 2 * side // 3) for side in window)
            if any(step > side for step, side in zip(steps, window, strict=True)):
                raise ValueError(
                    f"stride {tuple(steps)} is larger than the window {tuple(window)}: the windows "
                    "would leave gaps."
                )
            options["model.test_cfg"] = {
                "_delete_": True,
                "mode": "slide",
                "crop_size": tuple(window),
                "stride": tuple(steps),
            }
        elif stride is not None:
            raise ValueError("stride is given without a window.")
        if device is None:
            device = "cuda" if torch.cuda.is_available() else "cpu"
        self.device = torch.device(device)
        self._half = _half_precision(self.device) if half else None
        self.network = init_model(model, checkpoint, device=self.device, cfg_options=options)
        self.dataset_meta = self.network.dataset_meta
        self._predictor: Any = self.network
        if tta:
            config = self.network.cfg
            check_tta(config)
            self._predictor = MODELS.build({**config.tta_model, "module": self.network}).eval()
        self._pipeline = image_pipeline(self.network.cfg, tta=tta)

    def __call__(
        self,
        inputs: Input | Sequence[Input],
        *,
        batch_size: int = 1,
        max_frames: int | None = None,
        out_dir: str | Path | None = None,
        save: Sequence[str] = ("panel",),
    ) -> list[Prediction]:
        """Predict everything and return it; see :meth:`stream` for what does not fit in memory.

        Args:
            inputs: See :class:`ImageSource`.
            batch_size: Images a forward pass; images of other sizes get passes of their own.
            max_frames: Stop a video or webcam after so many frames.
            out_dir: Folder to write to as well, see :class:`ResultWriter`.
            save: What to write.

        Raises:
            ValueError: An image cannot be read, or a webcam would never end.
            OutputPathError: As from :meth:`write`.
        """
        predictions = []
        source = ImageSource(inputs, max_frames=max_frames)
        if source.is_endless:
            raise ValueError("inputs: a webcam has no end; give max_frames, or use stream().")
        with contextlib.ExitStack() as stack:
            writer = None
            if out_dir is not None:
                writer = ResultWriter(out_dir, save, dataset_meta=self.dataset_meta)
                stack.callback(writer.close)
                _ensure_apart(source, writer)
            for frame, found in self.stream(source, batch_size=batch_size):
                if isinstance(found, UnreadableImage):
                    raise ValueError(found.message)
                if writer is not None:
                    writer.write(found, fps=frame.fps, time=frame.time)
                predictions.append(found)
        return predictions

    def write(
        self,
        source: ImageSource,
        writer: ResultWriter | None,
        *,
        view: LiveView | None = None,
        batch_size: int = 1,
    ) -> tuple[int, list[UnreadableImage]]:
        """Predict everything into files, with progress; nothing is kept in memory.

        Args:
            source: Images.
            writer: What writes the files; None: there are none.
            view: Window to show them in as well; an image waits there for a key, a frame of a
                video does not. It ends the run once it is closed.
            batch_size: See :meth:`stream`.

        Returns:
            How many images were predicted, and those that cannot be read.

        Raises:
            OutputPathError: The writer's folder lies in one of the source's, or holds its files.
            ValueError: Only videos are to be written, and the source has none.
        """
        if writer is not None:
            _ensure_apart(source, writer)
        predicted = 0
        failed = []
        progress: Any = contextlib.nullcontext(lambda: None)  # of a webcam nobody knows the length
        if len(source):
            progress = progress_bar("images", total=len(source))
        with contextlib.ExitStack() as stack:
            advance = stack.enter_context(progress)
            stream = stack.enter_context(
                contextlib.closing(self.stream(source, batch_size=batch_size))
            )
            for sink in (writer, view):
                if sink is not None:
                    stack.callback(sink.close)
            for frame, found in stream:
                advance()
                if isinstance(found, UnreadableImage):
                    failed.append(found)
                    continue
                predicted += 1
                if writer is not None:
                    writer.write(found, fps=frame.fps, time=frame.time)
                if view is not None and not view.show(
                    found.panel(self.dataset_meta), wait=frame.fps is None
                ):
                    break
        return predicted, failed

    def stream(
        self, source: ImageSource, *, batch_size: int = 1
    ) -> Generator[tuple[Any, Prediction | UnreadableImage], None, None]:
        """Predictions one by one, in the order of the images.

        Args:
            source: Images.
            batch_size: Images a forward pass; consecutive ones of the same size go together.

        Yields:
            The frame and its prediction; or twice an image that cannot be read.

        Raises:
            ValueError: The batch size is not positive, or a video has no frame.
        """
        if batch_size < 1:
            raise ValueError(f"batch_size is at least 1, found {batch_size}.")
        waiting: list[tuple[Frame, Any]] = []
        for frame in source:
            if isinstance(frame, UnreadableImage):
                yield from self._flush(waiting)
                yield frame, frame
                continue
            prepared = (
                None if self.exported else prepare(frame.image, self._pipeline, name=frame.name)
            )
            if waiting and _sizes(waiting[0]) != _sizes((frame, prepared)):
                yield from self._flush(waiting)
            waiting.append((frame, prepared))
            if len(waiting) == batch_size:
                yield from self._flush(waiting)
        yield from self._flush(waiting)

    def _flush(self, waiting: list[tuple[Frame, Any]]) -> Iterator[tuple[Frame, Prediction]]:
        """Predict what has gathered, and forget it."""
        if not waiting:
            return
        frames = [frame for frame, _ in waiting]
        prepared = [data for _, data in waiting]
        waiting.clear()
        if self.exported is not None:
            images = np.stack([frame.image[..., ::-1] for frame in frames])
            try:
                arrays = self.exported.predict(images)
            except ValueError as error:
                raise ValueError(f"{frames[0].name}: {error}") from error
            for index, frame in enumerate(frames):
                own = {task: array[index] for task, array in arrays.items()}
                yield (
                    frame,
                    Prediction.of_export(self.exported, own, name=frame.name, image=frame.image),
                )
            return
        precision: Any = contextlib.nullcontext()
        if self._half is not None:
            precision = torch.autocast(self.device.type, dtype=self._half)
        with torch.no_grad(), precision:
            samples = self._predictor.test_step(pseudo_collate(prepared))
        for frame, sample in zip(frames, samples, strict=True):
            yield (
                frame,
                Prediction.of_sample(
                    to_float32(sample), self.network, name=frame.name, image=frame.image
                ),
            )


def _ensure_apart(source: ImageSource, writer: ResultWriter) -> None:
    if writer.kinds == ("video",) and not source.has_videos:
        raise ValueError("save: only videos are asked for, but no input is a video or webcam.")
    for file in source.files:
        for name in writer.folders:
            if file.resolve().is_relative_to((writer.out / name).resolve()):
                raise OutputPathError(
                    f"'{file}' lies in '{writer.out / name}', where predictions are written and "
                    "might replace it; choose another folder for them."
                )
    for folder in source.folders:
        if writer.out.resolve().is_relative_to(folder.resolve()):
            raise OutputPathError(
                f"'{writer.out}' lies in '{folder}', so that the next run would take what is "
                "written there for images; choose another folder for the predictions."
            )


def _half_precision(device: torch.device) -> torch.dtype:
    """Half precision's type on a device.

    Raises:
        ValueError: A CPU would compute in it more slowly than in float32.
    """
    if device.type != "cpu":
        return torch.float16
    if not torch.cpu._is_avx512_bf16_supported():
        raise ValueError("half: this CPU does not compute in bfloat16; leave it out.")
    return torch.bfloat16


def _sizes(entry: tuple[Frame, Any]) -> tuple[Any, ...]:
    """Shapes of an entry's inputs, of all its augmentations."""
    frame, prepared = entry
    if prepared is None:
        return frame.image.shape
    inputs = prepared["inputs"]
    versions = inputs if isinstance(inputs, list | tuple) else [inputs]
    return tuple(tuple(version.shape) for version in versions)
