"""The network as it is exported: tensors in, a tuple of tensors out."""

from torch import Tensor, nn

from mmaux.models import MultiTaskEncoderDecoder

from .image_preparation import ImagePreparation


class DeployedNetwork(nn.Module):
    """Whole inference of all tasks without data samples.

    Args:
        network: A network in evaluation mode, without parts that only training has.
        preparation: Preprocessing and postprocessing to include: the input is uint8 RGB
            (N, H, W, 3), the outputs are predictions (N, C', H, W) of the same size, or of 1 x 1
            for a task about the whole image. None: the input is normalised (N, 3, H, W), the
            outputs are fields (N, C, H, W).
    """

    def __init__(
        self, network: MultiTaskEncoderDecoder, preparation: ImagePreparation | None = None
    ) -> None:
        super().__init__()
        self.network = network
        self.preparation = preparation

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """One map a head, in the heads' order."""
        if self.preparation is None:
            return self._fields(images)
        height, width = images.shape[1:3]
        fields = self._fields(self.preparation.pad(self.preparation.normalise(images)))
        return tuple(
            head.deliver(self.preparation.crop(field, height, width))
            for head, field in zip(self.network.heads.values(), fields, strict=True)
        )

    def _fields(self, inputs: Tensor) -> tuple[Tensor, ...]:
        features = self.network.extract_feat(inputs)
        size = inputs.shape[-2:]
        return tuple(head.predict_field(features, size) for head in self.network.heads.values())
