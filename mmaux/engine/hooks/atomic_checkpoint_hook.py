"""Checkpoints that exist whole or not at all."""

import os
from collections import deque
from pathlib import Path
from typing import Any

from mmengine.dist import is_main_process
from mmengine.fileio import LocalBackend, register_backend
from mmengine.hooks import CheckpointHook
from mmengine.runner import Runner

from mmaux.registry import HOOKS
from mmaux.utils.checkpoint_files import forget_checkpoints, point_to
from mmaux.utils.files import atomic_write, remove_partial_files

_BACKEND = "mmaux_atomic"


class AtomicLocalBackend(LocalBackend):
    """Local files that take their name when they are complete and on the disk."""

    def put(self, obj: bytes, filepath: str | os.PathLike[str]) -> None:
        """Write bytes to a file."""
        Path(filepath).parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(filepath) as file:
            file.write(obj)


register_backend(_BACKEND, AtomicLocalBackend, force=True)


@HOOKS.register_module()
class AtomicCheckpointHook(CheckpointHook):
    """mmengine's ``CheckpointHook`` that a kill during a save does not hurt.

    mmengine deletes the oldest checkpoint before it has written the new one, and a kill leaves
    half a file under the new one's name or an empty ``last_checkpoint``. Here each is written
    under another name, flushed to the disk and renamed: first the checkpoint, then
    ``last_checkpoint``; the oldest checkpoint goes last. A run from the start makes
    ``last_checkpoint`` forget those of an earlier run in the same folder.

    Args:
        backend_args: File backend; local and atomic by default. Others are used as they are.
        kwargs: Arguments of :class:`mmengine.hooks.CheckpointHook`.
    """

    keep_ckpt_ids: deque[int]

    def __init__(self, *, backend_args: dict[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(backend_args=backend_args or {"backend": _BACKEND}, **kwargs)

    def before_train(self, runner: Runner) -> None:
        """Find the folder, and clear away what a killed or an earlier run left."""
        super().before_train(runner)
        if is_main_process():
            for folder in {runner.work_dir, self.out_dir}:
                remove_partial_files(folder)
            if runner.iter == 0:
                forget_checkpoints(runner.work_dir)

    def _save_checkpoint_with_step(self, runner: Runner, step: int, meta: dict[str, Any]) -> None:
        kept = []
        if self.max_keep_ckpts > 0:
            kept = [*(number for number in self.keep_ckpt_ids if number != step), step]
            runner.message_hub.update_info("keep_ckpt_ids", kept)
            self.keep_ckpt_ids = deque(kept[-self.max_keep_ckpts :], self.max_keep_ckpts)
        name = self.filename_tmpl.format(step)
        self.last_ckpt = self.file_backend.join_path(self.out_dir, name)
        runner.message_hub.update_info("last_ckpt", self.last_ckpt)
        runner.save_checkpoint(
            self.out_dir,
            name,
            self.file_client_args,
            save_optimizer=self.save_optimizer,
            save_param_scheduler=self.save_param_scheduler,
            meta=meta,
            by_epoch=self.by_epoch,
            backend_args=self.backend_args,
            **self.args,
        )
        if is_main_process():
            point_to(runner.work_dir, self.last_ckpt)
            for number in kept[: -self.max_keep_ckpts]:
                self._remove(self.filename_tmpl.format(number))

    def _save_best_checkpoint(self, runner: Runner, metrics: dict[str, Any]) -> None:
        """As mmengine's, but the previous best goes when the new one is there."""
        single = getattr(self, "best_ckpt_path", None)
        several = dict(getattr(self, "best_ckpt_path_dict", {}))
        self.best_ckpt_path = None
        self.best_ckpt_path_dict = dict.fromkeys(several)
        super()._save_best_checkpoint(runner, metrics)
        outdated = []
        for key, path in several.items():
            if self.best_ckpt_path_dict[key] is None:
                self.best_ckpt_path_dict[key] = path
            elif path not in (None, self.best_ckpt_path_dict[key]):
                outdated.append(path)
        if self.best_ckpt_path is None:
            self.best_ckpt_path = single
        elif single not in (None, self.best_ckpt_path):
            outdated.append(single)
        if is_main_process():
            for path in outdated:
                self._remove(Path(path).name)

    def _remove(self, name: str) -> None:
        path = self.file_backend.join_path(self.out_dir, name)
        if self.file_backend.isfile(path):
            self.file_backend.remove(path)
