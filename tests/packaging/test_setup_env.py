"""The decisions of the set-up scripts, without network and without making environments."""

import io
import os
import subprocess
import sys
import time
from pathlib import Path

import build_mmcv
import choose_environment
import environment_packages
import environment_setup
import mmcv_build_device
import mmcv_build_target
import mmcv_wheel_cache
import pip_constraints
import probe_interpreter
import pytest
import run_command
import setup_env
import setup_stamp
import stacks
import step_progress
from probe_interpreter import Interpreter
from setup_error import SetupError


def interpreter(
    executable: str = "/usr/bin/python3",
    *,
    version: tuple[int, ...] = (3, 11, 7),
    prefix: str = "/usr",
    base_prefix: str = "/usr",
    conda: bool = False,
    packages: dict[str, str] | None = None,
) -> Interpreter:
    return Interpreter(executable, version, prefix, base_prefix, conda, packages or {})


def choose(folder: Path, **given) -> choose_environment.Choice:
    defaults = {
        "is_named": False,
        "existing": None,
        "python": None,
        "fallback": interpreter(),
        "has_torch": False,
    }
    return choose_environment.choose_environment(folder=folder, **{**defaults, **given})


class TestChooseEnvironment:
    def test_a_new_one_is_made_from_what_is_on_the_path(self, tmp_path: Path) -> None:
        choice = choose(tmp_path / "env")
        assert choice == choose_environment.Choice(
            tmp_path / "env", "/usr/bin/python3", system_site_packages=False, is_owned=True
        )

    def test_a_new_one_is_made_from_the_named_interpreter(self, tmp_path: Path) -> None:
        choice = choose(tmp_path / "env", python=interpreter("/opt/python3.12"))
        assert (choice.maker, choice.system_site_packages) == ("/opt/python3.12", False)

    def test_torch_of_a_system_interpreter_is_shared(self, tmp_path: Path) -> None:
        choice = choose(tmp_path / "env", python=interpreter(), has_torch=True)
        assert choice.system_site_packages
        assert choice.is_owned

    @pytest.mark.parametrize(
        "python",
        [
            interpreter(prefix="/home/a/env"),
            interpreter(prefix="/conda/envs/a", base_prefix="/conda/envs/a", conda=True),
        ],
    )
    def test_an_interpreter_inside_an_environment_is_used_as_it_is(
        self, tmp_path: Path, python: Interpreter
    ) -> None:
        choice = choose(tmp_path / "env", python=python, has_torch=True)
        assert choice == choose_environment.Choice(Path(python.prefix), None, False, False)

    def test_but_a_named_folder_comes_first(self, tmp_path: Path) -> None:
        inside = interpreter("/home/a/env/bin/python", prefix="/home/a/env")
        choice = choose(tmp_path / "env", is_named=True, python=inside, has_torch=True)
        assert choice.folder == tmp_path / "env"
        assert choice.maker == "/home/a/env/bin/python"
        assert not choice.system_site_packages

    def test_an_existing_one_is_reused(self, tmp_path: Path) -> None:
        existing = interpreter(prefix=str(tmp_path))
        choice = choose(tmp_path, is_named=True, existing=existing)
        assert choice == choose_environment.Choice(tmp_path, None, False, is_owned=False)
        (tmp_path / ".mmaux_setup").mkdir()
        (tmp_path / ".mmaux_setup" / "made_by_mmaux_setup").touch()
        assert choose(tmp_path, existing=existing).is_owned

    def test_an_existing_one_must_come_from_the_named_interpreter(self, tmp_path: Path) -> None:
        existing = interpreter(prefix=str(tmp_path))
        assert choose(tmp_path, existing=existing, python=interpreter()).maker is None
        other = interpreter(
            "/opt/bin/python3.12", version=(3, 12, 1), prefix="/opt", base_prefix="/opt"
        )
        with pytest.raises(SetupError, match=r"Python 3\.11 in /usr.*PYTHON=/opt/bin/python3\.12"):
            choose(tmp_path, existing=existing, python=other)

    def test_a_folder_of_something_else_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "thesis.tex").touch()
        with pytest.raises(SetupError, match="has no Python that runs"):
            choose(tmp_path)

    def test_an_interrupted_one_is_made_again(self, tmp_path: Path) -> None:
        (tmp_path / ".mmaux_setup").mkdir()
        (tmp_path / ".mmaux_setup" / "made_by_mmaux_setup").touch()
        assert choose(tmp_path).maker == "/usr/bin/python3"

    def test_old_and_missing_interpreters_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(SetupError, match=r"is Python 3\.8; mmaux needs 3\.10"):
            choose(tmp_path / "env", python=interpreter(version=(3, 8, 18)))
        with pytest.raises(SetupError, match=r"no Python 3\.10 or newer was found"):
            choose(tmp_path / "env", fallback=None)


class TestInterpreter:
    def test_this_one_is_described(self) -> None:
        found = probe_interpreter.probe_interpreter(sys.executable, ["pytest", "no-such-thing"])
        assert found is not None
        assert found.version == sys.version_info[:3]
        assert found.is_in_environment == (sys.prefix != sys.base_prefix)
        assert found.packages == {"pytest": pytest.__version__}

    def test_what_does_not_run_is_none(self, tmp_path: Path) -> None:
        broken = tmp_path / "python"
        broken.write_text("#!/bin/sh\nexit 127\n")
        broken.chmod(0o755)
        assert probe_interpreter.probe_interpreter(broken) is None
        assert probe_interpreter.probe_interpreter(tmp_path / "missing") is None

    def test_the_first_that_runs_and_fits_is_found(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        broken = tmp_path / "python3.11"  # as the shims of version managers are
        broken.write_text("#!/bin/sh\nexit 127\n")
        broken.chmod(0o755)
        (tmp_path / "python3").symlink_to(sys.executable)
        monkeypatch.setenv("PATH", str(tmp_path))
        found = probe_interpreter.find_interpreter(("python3.11", "python3.12", "python3"))
        assert found is not None
        assert found.version == sys.version_info[:3]

    def test_named_but_broken_is_an_error(self) -> None:
        with pytest.raises(SetupError, match="PYTHON=/no/such/python does not run"):
            setup_env.resolve_choice("", "/no/such/python", "released")


class TestConstraints:
    PINS = "torch==2.14.1\ntorchvision==0.29.1\n# why\nPyYAML==6.0.3 ; python_version > '3'\n"

    def test_pins_and_ranges_are_read(self) -> None:
        assert pip_constraints.read_pin(self.PINS, "pyyaml") == "6.0.3"
        requirements = "# torch<1\ntorchvision>=0.21  # a\ntorch>=2.6  # b\nftfy\n"
        assert pip_constraints.read_range(requirements, "torch") == "torch>=2.6"
        assert pip_constraints.read_range(requirements, "ftfy") == "ftfy"
        with pytest.raises(ValueError, match="found no pin of numpy"):
            pip_constraints.read_pin(self.PINS, "numpy")
        with pytest.raises(ValueError, match="found no line for numpy"):
            pip_constraints.read_range(requirements, "numpy")

    @pytest.mark.parametrize(
        ("version", "requirement", "fits"),
        [
            ("2.14.1+cu130", "torch>=2.6", True),
            ("2.6.0", "torch>=2.6", True),
            ("2.5.9", "torch>=2.6", False),
            ("2.2.0", "mmcv>=2.0.0rc4,<2.2.0", False),
            ("2.1.0", "mmcv>=2.0.0rc4,<2.2.0", True),
            ("1.7.2", "mmcv>=2.0.0rc4,<2.2.0", False),
            ("5", "ftfy", True),
        ],
    )
    def test_ranges(self, version: str, requirement: str, fits: bool) -> None:
        assert pip_constraints.is_within(version, requirement) is fits

    def test_torchvision_belongs_to_torch(self) -> None:
        assert pip_constraints.torchvision_for("2.14.1+cpu") == "torchvision==0.29.*"
        assert pip_constraints.torchvision_for("2.6.0") == "torchvision==0.21.*"

    def test_a_new_environment_gets_all_pins(self) -> None:
        packages = environment_packages.EnvironmentPackages({"torch": "2.7"}, frozenset())
        assert packages.select_pins(self.PINS).splitlines() == [
            line for line in self.PINS.splitlines() if line != "# why"
        ]

    def test_the_users_packages_are_not_pinned_and_torch_is_kept(self) -> None:
        users = frozenset({"torch", "pyyaml"})
        packages = environment_packages.EnvironmentPackages(
            {"torch": "2.11.0+cu130", "pyyaml": "6.0"}, users
        )
        assert packages.select_pins(self.PINS) == "torch==2.11.0+cu130\n"

    def test_only_packages_of_a_made_environment_are_ours(self) -> None:
        ours = environment_packages.list_packages(Path(sys.executable), is_owned=True)
        theirs = environment_packages.list_packages(Path(sys.executable), is_owned=False)
        assert "pytest" in ours.versions
        assert "pytest" in theirs.users
        if sys.prefix != sys.base_prefix and Path(pytest.__file__).is_relative_to(sys.prefix):
            assert "pytest" not in ours.users

    def test_packages_of_the_python_beneath_are_the_users(self, tmp_path: Path) -> None:
        python = tmp_path / "python"
        answer = '[["Torch", "2.7", false], ["ftfy", "6.3", true], ["torch", "1.0", true]]'
        python.write_text(f"#!/bin/sh\necho '{answer}'\n")
        python.chmod(0o755)
        packages = environment_packages.list_packages(python, is_owned=True)
        assert packages.versions == {"torch": "2.7", "ftfy": "6.3"}  # the first on the path
        assert packages.users_torch == "2.7"
        assert packages.users == {"torch"}
        assert environment_packages.list_packages(python, is_owned=False).users == {
            "torch",
            "ftfy",
        }


class TestStamp:
    def test_a_step_is_done_with_the_same_inputs_only(self, tmp_path: Path) -> None:
        stamp = setup_stamp.SetupStamp(tmp_path / "new" / "stamp.json")
        assert not stamp.is_done("torch", "a")
        stamp.record("torch", "a")
        stamp.record("mmcv", "b")
        assert stamp.is_done("torch", "a")
        assert not stamp.is_done("torch", "b")
        stamp.forget("torch")
        assert not stamp.is_done("torch", "a")
        assert stamp.is_done("mmcv", "b")
        assert os.listdir(tmp_path / "new") == ["stamp.json"]

    def test_a_damaged_stamp_means_nothing_is_done(self, tmp_path: Path) -> None:
        file = tmp_path / "stamp.json"
        for content in ("", '{"torch"', "[1]"):
            file.write_text(content)
            assert not setup_stamp.SetupStamp(file).is_done("torch", "a")

    def test_every_input_and_border_counts(self, tmp_path: Path) -> None:
        file = tmp_path / "file"
        file.write_text("1")
        first = setup_stamp.hash_inputs(texts=["a", "b"], files=[file])
        assert setup_stamp.hash_inputs(texts=["a", "b"], files=[file]) == first
        assert setup_stamp.hash_inputs(texts=["ab"], files=[file]) != first
        assert setup_stamp.hash_inputs(texts=["b", "a"], files=[file]) != first
        file.write_text("2")
        assert setup_stamp.hash_inputs(texts=["a", "b"], files=[file]) != first


class TestSteps:
    @pytest.fixture
    def setup(self, tmp_path: Path) -> environment_setup.EnvironmentSetup:
        choice = choose_environment.Choice(tmp_path, None, False, True)
        setup = environment_setup.EnvironmentSetup(choice, stacks.get_stack("released"))
        packages = {"torch": "2.14.1", "mmcv": "2.1.0", "mmaux": "0.1.0", "setuptools": "80"}
        setup.interpreter = interpreter(packages=packages)
        for step in setup.steps():
            setup.stamp.record(step.name, step.inputs())
        return setup

    @staticmethod
    def pending(setup: environment_setup.EnvironmentSetup) -> list[str]:
        return [step.name for step in setup.pending()]

    def test_nothing_is_left_after_all_steps(
        self, setup: environment_setup.EnvironmentSetup
    ) -> None:
        assert len(setup.steps()) == 7
        assert self.pending(setup) == []

    def test_an_interrupted_set_up_goes_on_where_it_stopped(
        self, setup: environment_setup.EnvironmentSetup
    ) -> None:
        setup.stamp.forget("mmcv")
        setup.stamp.forget("packages")
        assert self.pending(setup) == ["mmcv", "packages"]

    def test_a_changed_input_repeats_only_what_reads_it(
        self, setup: environment_setup.EnvironmentSetup
    ) -> None:
        setup.requirements += "another-package>=1\n"
        assert self.pending(setup) == ["packages"]

    def test_another_torch_repeats_what_is_compiled_for_it(
        self, setup: environment_setup.EnvironmentSetup
    ) -> None:
        setup.interpreter = interpreter(packages={**setup._interpreter.packages, "torch": "2.15"})
        assert self.pending(setup) == ["torch", "mmcv", "packages", "check"]

    def test_a_removed_package_is_installed_again(
        self, setup: environment_setup.EnvironmentSetup
    ) -> None:
        packages = {k: v for k, v in setup._interpreter.packages.items() if k != "mmaux"}
        setup.interpreter = interpreter(packages=packages)
        assert self.pending(setup) == ["mmaux", "check"]

    def test_another_checkout_installs_itself(
        self, setup: environment_setup.EnvironmentSetup, monkeypatch: pytest.MonkeyPatch, tmp_path
    ) -> None:
        for name in ("setup.py", "pyproject.toml", "requirements.txt"):
            (tmp_path / name).write_bytes((environment_setup.ROOT / name).read_bytes())
        monkeypatch.setattr(environment_setup, "ROOT", tmp_path)
        assert self.pending(setup) == ["mmaux"]

    def test_forks_of_the_stack_are_refused(
        self, setup: environment_setup.EnvironmentSetup
    ) -> None:
        setup.interpreter = interpreter(packages={"onedl-mmcv": "2.3.6"})
        with pytest.raises(SetupError, match=r"holds onedl-mmcv.*VENV="):
            setup._refuse_foreign_packages()

    def test_stacks_refuse_each_other_and_differ_in_their_folders(self) -> None:
        released, onedl = stacks.get_stack("released"), stacks.get_stack("onedl")
        assert set(released.distributions) == set(onedl.foreign) - set(stacks.FOREIGN)
        assert set(onedl.distributions) == set(released.foreign) - set(stacks.FOREIGN)
        for stack in (released, onedl):
            found = setup_env.resolve_choice("", "", stack.name)
            assert found.folder == environment_setup.ROOT / stack.folder

    def test_requirements_of_a_stack_leave_out_the_others(self) -> None:
        text = "torch>=2.6  # why\n# [openmmlab]\nmmcv>=2.0.0,<2.2.0\nmmengine\npytest\n"
        assert stacks.get_stack("released").select_requirements(text) == text
        lines = stacks.get_stack("onedl").select_requirements(text).splitlines()
        names = [line.split("=")[0].rstrip("<>") for line in lines if not line.startswith("#")]
        forks = ["onedl-mmengine", "onedl-mmcv", "onedl-mmsegmentation", "onedl-mmpretrain"]
        assert names == ["torch", "pytest", *forks]
        setup = environment_setup.EnvironmentSetup(
            choose_environment.Choice(Path("/nowhere"), None, False, True),
            stacks.get_stack("onedl"),
        )
        assert pip_constraints.read_range(setup.requirements, "onedl-mmcv").startswith(
            "onedl-mmcv>"
        )

    def test_an_unknown_stack_is_refused(self) -> None:
        with pytest.raises(SetupError, match="STACK=two is not known; expected one of: released"):
            stacks.get_stack("two")


KEY = mmcv_wheel_cache.WheelKey("mmcv", "2.1.0", "2.14.1", "cp311", "cpu", "linux_x86_64")


class TestWheelCache:
    def test_key(self) -> None:
        assert KEY.folder_name == "mmcv2.1.0-torch2.14.1-cp311-cpu-linux_x86_64"

    def test_place(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        assert mmcv_wheel_cache.default_cache() == tmp_path / "mmaux"
        monkeypatch.delenv("XDG_CACHE_HOME")
        monkeypatch.setenv("HOME", str(tmp_path))
        assert mmcv_wheel_cache.default_cache() == tmp_path / ".cache" / "mmaux"

    def test_a_stored_wheel_is_found(self, tmp_path: Path) -> None:
        cache = mmcv_wheel_cache.MmcvWheelCache(tmp_path / "cache")
        assert cache.find(KEY) is None
        wheel = tmp_path / "mmcv-2.1.0-cp311-cp311-linux_x86_64.whl"
        wheel.write_text("content")
        stored = cache.store(KEY, wheel)
        assert cache.find(KEY) == stored
        assert stored.read_text() == "content"
        assert stored.parent == tmp_path / "cache" / "wheels" / KEY.folder_name
        assert os.listdir(stored.parents[1]) == [KEY.folder_name]

    def test_a_half_written_wheel_is_never_found(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        cache = mmcv_wheel_cache.MmcvWheelCache(tmp_path / "cache")
        wheel = tmp_path / "mmcv.whl"
        wheel.write_text("content")

        def write_half(source: Path, target: Path) -> None:
            target.write_text("con")
            assert cache.find(KEY) is None
            raise OSError("no space left")

        monkeypatch.setattr(mmcv_wheel_cache.shutil, "copy2", write_half)
        with pytest.raises(OSError, match="no space left"):
            cache.store(KEY, wheel)
        assert cache.find(KEY) is None

    def test_two_builds_wait_for_each_other(self, tmp_path: Path) -> None:
        cache = mmcv_wheel_cache.MmcvWheelCache(tmp_path)
        script = (
            "import sys; sys.path.insert(0, sys.argv[1])\n"
            "import mmcv_wheel_cache as m, pathlib\n"
            "cache = m.MmcvWheelCache(pathlib.Path(sys.argv[2]))\n"
            "key = m.WheelKey('mmcv', '2.1.0', '2.14.1', 'cp311', 'cpu', 'linux_x86_64')\n"
            "with cache.lock(key, lambda: print('waits', flush=True)):\n"
            "    print('has it', flush=True)\n"
        )
        folder = str(Path(mmcv_wheel_cache.__file__).parent)
        with cache.lock(KEY, lambda: pytest.fail("nobody else has it")):
            other = subprocess.Popen(
                [sys.executable, "-c", script, folder, str(tmp_path)],
                stdout=subprocess.PIPE,
                text=True,
            )
            assert other.stdout is not None
            assert other.stdout.readline() == "waits\n"
        assert other.communicate(timeout=30)[0] == "has it\n"


class TestMmcvBuild:
    @pytest.mark.parametrize(
        ("torch", "standard"),
        [
            ("2.6.0", "c++17"),
            ("2.13.0+cpu", "c++17"),
            ("2.14.0", "c++20"),
            ("2.14.1+cu130", "c++20"),
            ("3.0.0", "c++20"),
        ],
    )
    def test_standard_that_torch_needs(self, torch: str, standard: str) -> None:
        assert build_mmcv.cxx_standard(torch) == standard

    def test_standard_is_replaced_where_it_stands(self, tmp_path: Path) -> None:
        text = "cxx = ['-std=c++14']\nelse:\n    cxx = ['-std=c++17']\n    win = ['/std:c++17']\n"
        script = tmp_path / "setup.py"
        script.write_text(text)
        build_mmcv._patch(script, "c++17")
        assert script.read_text() == text
        build_mmcv._patch(script, "c++20")
        build_mmcv._patch(script, "c++20")
        assert script.read_text() == text.replace("17", "20")

    @pytest.mark.parametrize(
        ("line", "progress"),
        [
            ("  [12/77] c++ -MMD -MF /tmp/a.o.d -c a.cpp", "12 of 77 files"),
            ("[1/2] nvcc x.cu", "1 of 2 files"),
            ("  copying mmcv/a[1/2].py", None),
            ("x [3/4] is not at the start", None),
            ("", None),
        ],
    )
    def test_progress_of_ninja(self, line: str, progress: str | None) -> None:
        assert build_mmcv.parse_ninja_line(line) == progress

    def test_jobs_follow_cores_and_memory(self) -> None:
        assert build_mmcv.choose_jobs(2, 16.0) == 2
        assert build_mmcv.choose_jobs(16, 8.0) == 4
        assert build_mmcv.choose_jobs(8, 1.0) == 1

    def test_missing_compiler_and_headers_are_named(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.delenv("CXX", raising=False)
        with pytest.raises(SetupError) as error:
            build_mmcv.check_compiler(str(tmp_path))
        for part in ("C++ compiler", "Python.h", "apt-get install g++ python3-dev", "dnf install"):
            assert part in str(error.value)
        for name in ("g++", "Python.h"):
            (tmp_path / name).touch(mode=0o755)
        build_mmcv.check_compiler(str(tmp_path))

    def test_an_earlier_build_that_goes_on_is_found(self, tmp_path: Path) -> None:
        inside = tmp_path / "build" / "source"
        inside.mkdir(parents=True)
        assert build_mmcv.processes_in(tmp_path / "build") == []
        other = subprocess.Popen([sys.executable, "-c", "input()"], cwd=inside, stdin=-1)
        try:
            if Path("/proc").exists():
                assert build_mmcv.processes_in(tmp_path / "build") == [other.pid]
        finally:
            other.communicate(b"\n")
        assert build_mmcv.processes_in(tmp_path / "build") == []

    def test_key_of_a_target(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("FORCE_CUDA", "0")
        target = mmcv_build_target.BuildTarget(
            "2.14.1", "13.0", ["9.0"], "cp311", "linux_x86_64", "", []
        )
        assert target.key("mmcv", "2.1.0") == KEY

    def test_an_environment_without_torch_is_named(self, tmp_path: Path) -> None:
        python = tmp_path / "python"
        python.write_text("#!/bin/sh\necho 'No module named torch' >&2\nexit 1\n")
        python.chmod(0o755)
        with pytest.raises(SetupError, match=r"cannot import torch.*\n.*No module named torch"):
            mmcv_build_target.probe_target(python)


class TestDevice:
    @staticmethod
    def choose(**given) -> str:
        defaults = {"torch_cuda": "13.0", "capabilities": ["9.0"], "nvcc": "/usr/bin/nvcc"}
        return mmcv_build_device.choose_device(**{**defaults, **given})

    def test_cuda_where_all_of_it_is_there(self) -> None:
        assert self.choose() == "cu130_sm90"
        assert self.choose(capabilities=["9.0", "8.6", "8.6"]) == "cu130_sm86_sm90"
        assert self.choose(arch_list="8.0;9.0+PTX") == "cu130_sm80_sm90+PTX"

    @pytest.mark.parametrize(
        "lacking", [{"torch_cuda": None}, {"capabilities": []}, {"nvcc": None}, {"force": "0"}]
    )
    def test_cpu_otherwise(self, lacking: dict) -> None:
        assert self.choose(**lacking) == "cpu"

    def test_forced_without_a_gpu(self) -> None:
        assert self.choose(capabilities=[], force="1", arch_list="9.0") == "cu130_sm90"

    @pytest.mark.parametrize(
        ("lacking", "message"),
        [
            ({"torch_cuda": None}, "built without CUDA"),
            ({"nvcc": None}, "nvcc was not found"),
            ({"capabilities": []}, "set TORCH_CUDA_ARCH_LIST"),
        ],
    )
    def test_forced_in_vain(self, lacking: dict, message: str) -> None:
        with pytest.raises(SetupError, match=message):
            self.choose(force="1", **lacking)

    def test_variables(self) -> None:
        cpu = mmcv_build_device.build_variables("cpu", environ={})
        assert cpu == {"FORCE_CUDA": "0", "CUDA_VISIBLE_DEVICES": ""}
        cuda = mmcv_build_device.build_variables(
            "cu130_sm90", environ={"CPATH": "/a"}, include_folders=[Path("/b")]
        )
        assert cuda == {"FORCE_CUDA": "1", "CPATH": "/a:/b"}

    def test_nvcc_of_a_named_toolkit(self, tmp_path: Path) -> None:
        assert mmcv_build_device.find_nvcc({"CUDA_HOME": str(tmp_path)}) is None
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin" / "nvcc").touch()
        found = mmcv_build_device.find_nvcc({"CUDA_HOME": str(tmp_path)})
        assert found == str(tmp_path / "bin" / "nvcc")


class TestProgress:
    @pytest.mark.parametrize(
        ("seconds", "text"),
        [(4.25, "4.2 s"), (125, "2 min 05 s"), (3725, "1 h 02 min"), (59.94, "59.9 s")],
    )
    def test_elapsed(self, seconds: float, text: str) -> None:
        assert step_progress.format_elapsed(seconds) == text

    def test_a_file_gets_a_line_every_30_seconds(self) -> None:
        now = [0.0]
        stream = io.StringIO()
        progress = step_progress.StepProgress("step", stream=stream, clock=lambda: now[0])
        for second in range(1, 71):
            now[0] = float(second)
            progress.update(f"{second} of 70 files")
        progress.finish()
        assert stream.getvalue().splitlines() == [
            "step ...",
            "step: 30.0 s, 30 of 70 files",
            "step: 1 min 00 s, 60 of 70 files",
            "step: done (1 min 10 s)",
        ]

    def test_a_terminal_gets_one_line(self) -> None:
        stream = type("Terminal", (io.StringIO,), {"isatty": lambda self: True})()
        progress = step_progress.StepProgress("step", stream=stream)
        progress.update("x" * 500)
        progress.finish()
        text = stream.getvalue()
        assert text.count("\n") == 1
        assert text.startswith("\rstep: ")
        assert "done" in text


class TestRunCommand:
    @staticmethod
    def run(log: Path, script: str, **given) -> None:
        progress = step_progress.StepProgress("step", stream=io.StringIO())
        command = [sys.executable, "-c", script]
        run_command.run_logged(command, log=log, progress=progress, **given)

    def test_output_goes_to_the_log(self, tmp_path: Path) -> None:
        log = tmp_path / "new" / "log"
        self.run(log, "import os; print(os.environ['A'])", environment={"A": "first"})
        self.run(log, "import sys; print('second', file=sys.stderr)")
        text = log.read_text()
        assert "\nfirst\n" in text
        assert text.endswith("\nsecond\n")

    def test_a_failure_shows_the_command_its_end_and_the_log(self, tmp_path: Path) -> None:
        script = "for i in range(100): print('line', i)\nraise SystemExit(3)"
        with pytest.raises(SetupError) as error:
            self.run(tmp_path / "log", script)
        message = str(error.value)
        assert "status 3" in message
        assert sys.executable in message
        assert "line 99" in message
        assert "line 60\n" in message
        assert "line 59\n" not in message
        assert str(tmp_path / "log") in message

    def test_what_the_command_started_ends_with_it(self, tmp_path: Path) -> None:
        mark = tmp_path / "mark"
        grandchild = f"import time, pathlib; time.sleep(1); pathlib.Path({str(mark)!r}).touch()"
        script = (
            "import subprocess, sys, time\n"
            f"subprocess.Popen([sys.executable, '-c', {grandchild!r}])\n"
            "print('started', flush=True); time.sleep(60)"
        )

        def interrupt(line: str) -> str | None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            self.run(tmp_path / "log", script, describe=interrupt)
        time.sleep(1.5)
        assert not mark.exists()

    def test_a_missing_program_is_named(self, tmp_path: Path) -> None:
        progress = step_progress.StepProgress("step", stream=io.StringIO())
        with pytest.raises(SetupError, match="cannot run /no/such/program"):
            run_command.run_logged(["/no/such/program"], log=tmp_path / "log", progress=progress)
