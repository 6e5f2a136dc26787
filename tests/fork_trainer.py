"""Trains in processes that are quick to start: imports once, then forks for each line it reads.

A line is a config file and ``start`` or ``resume``. The child's process id is printed. What the
child does is written to the file ``events`` in its work folder, a line each, with a pause where a
kill is to meet it: ``iteration N``, ``validation``, ``save``.
"""

import os
import sys
import time
from importlib import import_module
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.runner import Runner, runner

from mmaux.apis import apply_resume

PAUSE = 0.05

# What a Runner imports only when it is built.
for name in ("matplotlib.pyplot", "torchvision", "torch._dynamo", "yapf.yapflib.yapf_api"):
    import_module(name)
for name in ("datasets", "engine.loops", "evaluation", "models"):
    import_module(f"mmaux.{name}")

# Half of a short run's time: asking compilers for their versions, and formatting the config's text.
runner.collect_env = dict
Config.pretty_text = property(lambda config: config.filename)


class Events(Hook):
    """Writes what training does."""

    def __init__(self, path):
        self.path = path

    def write(self, event):
        with open(self.path, "a") as file:
            file.write(f"{event}\n")

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        self.write(f"iteration {batch_idx}")

    def before_val_iter(self, runner, batch_idx, data_batch=None):
        self.write("validation")
        time.sleep(PAUSE)

    def fsync(self, handle, *, original=os.fsync):
        self.write("save")
        time.sleep(PAUSE)
        original(handle)


def train(file, mode):
    torch.set_num_threads(1)
    config = Config.fromfile(file)
    work = Path(config.work_dir)
    work.mkdir(exist_ok=True)
    log = os.open(work / "output", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    if mode == "resume":
        apply_resume(config, "auto")
    events = Events(work / "events")
    os.fsync = events.fsync
    runner = Runner.from_cfg(config)
    runner.register_hook(events, priority="VERY_HIGH")
    runner.train()


def main():
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                train(*line.split())
                status = 0
            finally:
                sys.stderr.flush()
                os._exit(status)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
