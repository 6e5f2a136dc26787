"""Orders in which samples are trained on."""

from .seekable_infinite_sampler import SeekableInfiniteSampler

__all__ = ["SeekableInfiniteSampler"]
