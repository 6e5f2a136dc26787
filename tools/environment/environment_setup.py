"""The steps that fill an environment with what mmaux needs; each is done once."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from build_mmcv import get_mmcv_wheel
from choose_environment import OWNED_MARK, STATE_FOLDER, Choice, environment_python
from environment_packages import EnvironmentPackages, list_packages
from pip_constraints import is_within, read_pin, read_range, torchvision_for
from probe_interpreter import Interpreter, probe_interpreter
from run_command import run_logged
from setup_error import SetupError
from setup_stamp import SetupStamp, hash_inputs
from setup_step import Step
from stacks import Stack
from step_progress import StepProgress

SCRIPTS = Path(__file__).resolve().parent
ROOT = SCRIPTS.parents[1]
BUILD_TOOLS = ("setuptools", "wheel", "ninja", "packaging")
MIM = "openmim"
OTHER_PROBED = ("pip", "torch", "torchvision", "mmaux", MIM, *BUILD_TOOLS)


class EnvironmentSetup:
    """Fills one environment; what is done already, with the same inputs, is left alone.

    Args:
        choice: The environment.
        stack: OpenMMLab distributions to install.
    """

    def __init__(self, choice: Choice, stack: Stack) -> None:
        self.choice = choice
        self.stack = stack
        self.python = environment_python(choice.folder)
        self.state = choice.folder / STATE_FOLDER
        self.log = self.state / "setup.log"
        self.stamp = SetupStamp(self.state / "stamp.json")
        requirements = (ROOT / "requirements.txt").read_text(encoding="utf-8")
        self.requirements = stack.select_requirements(requirements)
        self.constraints = (SCRIPTS / "constraints.txt").read_text(encoding="utf-8")
        self.interpreter = self._probe()

    def steps(self) -> list[Step]:
        """All steps in their order."""
        return [
            Step("build_tools", "pip and build tools", self._tools_key, self._install_tools),
            Step("torch", "torch and torchvision", self._torch_key, self._install_torch),
            Step("mmcv", "mmcv with its ops", self._mmcv_key, self._install_mmcv),
            Step("packages", "the other packages", self._packages_key, self._install_packages),
            Step("mmaux", "mmaux itself", self._mmaux_key, self._install_mmaux),
            Step("mim", "mim", self._mim_key, self._install_mim),
            Step("check", "imports", self._check_key, self._check_imports),
        ]

    def pending(self) -> list[Step]:
        """Steps that are not done, or were done with other inputs."""
        if self.interpreter is None:
            return self.steps()
        return [step for step in self.steps() if not self.stamp.is_done(step.name, step.inputs())]

    def claim(self) -> None:
        """Make the folder of the stamp and the log; mark an environment that is made here."""
        self.state.mkdir(parents=True, exist_ok=True)
        if self.choice.maker is not None:
            (self.state / OWNED_MARK).touch()

    def run(self) -> None:
        """Do what is not done yet.

        Raises:
            SetupError: A step failed; what was done before it stays done.
        """
        self.interpreter = self._probe()
        if self.interpreter is None:
            self._make_environment()
        self._refuse_foreign_packages()
        steps = self.steps()
        for number, step in enumerate(steps, start=1):
            if self.stamp.is_done(step.name, step.inputs()):
                continue
            self.stamp.forget(step.name)
            step.run(f"[{number}/{len(steps)}] {step.title}")
            self.interpreter = self._probe()
            self.stamp.record(step.name, step.inputs())

    def describe(self) -> str:
        """One line about the environment."""
        versions = [f"Python {'.'.join(map(str, self._interpreter.version))}"]
        versions += [f"{name} {self._version(name)}" for name in ("torch", self.stack.mmcv)]
        return f"{self.choice.folder} ({', '.join(versions)})"

    @property
    def _interpreter(self) -> Interpreter:
        if self.interpreter is None:
            raise SetupError(f"{self.python} does not run; remove {self.choice.folder}")
        return self.interpreter

    def _probe(self) -> Interpreter | None:
        if not self.python.exists():
            return None
        names = (*OTHER_PROBED, *self.stack.distributions, *self.stack.foreign)
        return probe_interpreter(self.python, names)

    def _version(self, name: str) -> str:
        return self._interpreter.packages.get(name, "none")

    # What each step depends on.

    def _key(self, *texts: str, names: Sequence[str] = (), files: Sequence[Path] = ()) -> str:
        versions = [f"{name} {self._version(name)}" for name in names]
        python = ".".join(map(str, self._interpreter.version))
        scripts = sorted(SCRIPTS.glob("*.py"))
        return hash_inputs(
            texts=[python, self.stack.name, *versions, *texts], files=[*scripts, *files]
        )

    def _pins(self, names: Sequence[str]) -> list[str]:
        return [f"{name}=={read_pin(self.constraints, name)}" for name in names]

    def _tools_key(self) -> str:
        return self._key(*self._pins(BUILD_TOOLS), names=BUILD_TOOLS)

    def _torch_key(self) -> str:
        names = ("torch", "torchvision")
        ranges = [read_range(self.requirements, name) for name in names]
        return self._key(*self._pins(names), *ranges, names=names)

    def _mmcv_key(self) -> str:
        names = ("torch", self.stack.mmcv)
        return self._key(*self._pins([self.stack.mmcv]), names=names)

    def _packages_key(self) -> str:
        names = ("torch", *self.stack.distributions)
        return self._key(self.requirements, self.constraints, names=names)

    def _mmaux_key(self) -> str:
        files = [ROOT / name for name in ("setup.py", "pyproject.toml", "requirements.txt")]
        return self._key(str(ROOT), names=["mmaux"], files=files)

    def _mim_key(self) -> str:
        return self._key(*self._pins([MIM]), names=[MIM], files=[SCRIPTS / "mim_requirements.txt"])

    def _check_key(self) -> str:
        names = ("torch", "torchvision", "mmaux", *self.stack.distributions)
        return self._key(self.constraints, names=names)

    # What each step does.

    def _make_environment(self) -> None:
        if self.choice.maker is None:
            raise SetupError(f"{self.python} does not run; name another environment with VENV=")
        progress = StepProgress(f"making the environment {self.choice.folder}")
        command = [self.choice.maker, "-m", "venv"]
        if self.choice.system_site_packages:
            command.append("--system-site-packages")
        run_logged([*command, str(self.choice.folder)], log=self.log, progress=progress)
        progress.finish()
        self.interpreter = self._probe()

    def _refuse_foreign_packages(self) -> None:
        found = [name for name in self.stack.foreign if name in self._interpreter.packages]
        if found:
            raise SetupError(
                f"{self.choice.folder} holds {', '.join(found)}, whose files those of the stack "
                f"`{self.stack.name}` ({', '.join(self.stack.distributions)}) would overwrite. "
                "Name another environment with VENV=, or uninstall them there"
            )

    def _install_tools(self, title: str) -> None:
        progress = StepProgress(title)
        if "pip" not in self._interpreter.packages:
            self._run(["-m", "ensurepip", "--upgrade"], progress)
        wanted = [read_range(self.requirements, "setuptools"), *BUILD_TOOLS[1:]]
        if self.choice.is_owned:
            wanted.append("pip")
        self._pip_install(wanted, progress)
        progress.finish()

    def _install_torch(self, title: str) -> None:
        progress = StepProgress(f"{title} (some gigabytes)")
        both = "import torch, torchvision"
        torch = self._users_torch()
        if torch is None:
            wanted = [read_range(self.requirements, name) for name in ("torch", "torchvision")]
            self._pip_install(wanted, progress)
        elif not self._imports(both):
            self._pip_install([torchvision_for(torch)], progress)
            if not self._imports(both):
                progress.finish("failed")
                raise SetupError(
                    f"no torchvision was found that loads with the torch {torch} that is there; "
                    "install a pair of them that loads (mmpretrain imports torchvision), or name "
                    "a new environment with VENV=, which gets its own pair"
                )
        self._require_import(both, progress)
        progress.finish(f"kept torch {torch}" if torch else "done")

    def _install_mmcv(self, title: str) -> None:
        version = read_pin(self.constraints, self.stack.mmcv)
        if self._keeps_mmcv():
            return
        wheel = get_mmcv_wheel(
            self.python, version=version, title=title, distribution=self.stack.mmcv
        )
        progress = StepProgress(title)
        self._pip(["install", "--no-deps", "--force-reinstall", str(wheel)], progress)
        progress.finish(f"installed from {wheel.parent}")

    def _install_packages(self, title: str) -> None:
        progress = StepProgress(title)
        requirements = self.state / "requirements.txt"
        requirements.write_text(self.requirements, encoding="utf-8")
        self._pip_install(["-r", str(requirements)], progress)
        progress.finish()

    def _install_mmaux(self, title: str) -> None:
        progress = StepProgress(title)
        options = ["install", "--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
        self._pip(options, progress)
        progress.finish()

    def _install_mim(self, title: str) -> None:
        progress = StepProgress(title)
        self._pip_install(["-r", str(SCRIPTS / "mim_requirements.txt")], progress)
        self._pip_install(["--no-deps", MIM], progress)
        progress.finish()

    def _check_imports(self, title: str) -> None:
        progress = StepProgress(title)
        modules = "import mmcv.ops, mmengine, mmseg.apis, mmpretrain, mim"
        self._require_import(modules, progress)
        progress.finish()

    # What is kept of the user's own packages.

    def _packages(self) -> EnvironmentPackages:
        return list_packages(self.python, is_owned=self.choice.is_owned)

    def _users_torch(self) -> str | None:
        """Version of the user's own torch, None if there is none.

        Raises:
            SetupError: It is not within the range.
        """
        found = self._packages().users_torch
        wanted = read_range(self.requirements, "torch")
        if found is not None and not is_within(found, wanted):
            raise SetupError(
                f"{self.choice.folder} has torch {found}; mmaux needs {wanted}. Upgrade it "
                "there, or name another environment with VENV= (a new one gets its own torch)"
            )
        return found

    def _keeps_mmcv(self) -> bool:
        """Whether the user's own mmcv serves: within the range, and its ops load."""
        name = self.stack.mmcv
        if name not in self._packages().users:
            return False
        wanted = read_range(self.requirements, name)
        return is_within(self._version(name), wanted) and self._imports("import mmcv.ops")

    # Running things.

    def _pip_install(self, wanted: Sequence[str], progress: StepProgress) -> None:
        constraints = self.state / "constraints.txt"
        constraints.write_text(self._packages().select_pins(self.constraints), encoding="utf-8")
        self._pip(["install", "--constraint", str(constraints), *wanted], progress)

    def _pip(self, arguments: Sequence[str], progress: StepProgress) -> None:
        options = ["--disable-pip-version-check", "--no-input"]
        self._run(["-m", "pip", *arguments, *options], progress)

    def _run(self, arguments: Sequence[str], progress: StepProgress) -> None:
        run_logged([str(self.python), *arguments], log=self.log, progress=progress)

    def _imports(self, statement: str) -> bool:
        command = [str(self.python), "-c", statement]
        return subprocess.run(command, capture_output=True).returncode == 0

    def _require_import(self, statement: str, progress: StepProgress) -> None:
        try:
            self._run(["-W", "ignore", "-c", statement], progress)
        except SetupError as error:
            raise SetupError(
                f"what was installed does not load. If an earlier set-up was cut off, remove "
                f"{self.choice.folder} (make clean-env) and run again.\n{error}"
            ) from error
