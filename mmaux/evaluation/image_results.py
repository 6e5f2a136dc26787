"""A metric of each image by itself."""

import logging
from dataclasses import dataclass

from mmengine.logging import MMLogger
from mmseg.structures import SegDataSample

from .functional import DEFAULT_HEADLINE
from .streaming_metric import StreamingMetric


@dataclass(frozen=True)
class ImageResult:
    """What a metric says of one image.

    Attributes:
        index: Number of the sample.
        path: The image.
        value: Value of the metric.
    """

    index: int
    path: str
    value: float


class ImageResults:
    """Collects a metric's value of each labelled image, numbers only.

    Args:
        metric: The metric; its sums are used up.
        name: One of its results, with the prefix; by default the task's headline metric.
        dataset_meta: Of the test data.

    Raises:
        ValueError: The metric has no such result, or no headline.
    """

    def __init__(
        self, metric: StreamingMetric, *, name: str | None = None, dataset_meta: dict[str, object]
    ) -> None:
        known = metric.result_names
        name = name or next((n for n in known if n in DEFAULT_HEADLINE), None)
        if name not in known:
            raise ValueError(f"metric: found {name!r}, expected one of {', '.join(known)}.")
        self.name = name
        self.metric = metric
        self.metric.dataset_meta = dataset_meta
        self.results: list[ImageResult] = []
        self._seen = 0

    def add(self, sample: SegDataSample) -> None:
        """Measure a sample that has been predicted; one without labels only counts."""
        index = self._seen
        self._seen += 1
        if self.metric.target_field not in sample:
            return
        logger = MMLogger.get_current_instance()
        level = logger.level
        logger.setLevel(logging.CRITICAL)  # tables of one image
        try:
            self.metric.process(None, [sample.to_dict()])
            value = self.metric.evaluate(1)[self.name]
        finally:
            logger.setLevel(level)
        if value == value:
            self.results.append(ImageResult(index, str(sample.get("img_path")), value))

    def worst(self, count: int, *, better: str | None = None) -> list[ImageResult]:
        """The worst first.

        Args:
            count: How many.
            better: ``'up'`` or ``'down'``; by default that of the headline metric.

        Raises:
            ValueError: It is not known which direction is better.
        """
        better = better or DEFAULT_HEADLINE.get(self.name)
        if better not in ("up", "down"):
            raise ValueError(
                f"{self.name}: say whether 'up' or 'down' is better; found {better!r}."
            )
        sign = 1 if better == "up" else -1
        return sorted(self.results, key=lambda r: (sign * r.value, r.index))[:count]
