"""Everything that is registered is found from any project's scope, whatever was imported before."""

import ast
import json
import subprocess
import sys
from collections import defaultdict

from small_runs import REPOSITORY

# Each registry in a fork of its own, which has imported nothing of mmaux but the registries.
FIND = """
import json, os, sys
import mmseg.models, mmseg.datasets
from mmengine.registry import DefaultScope

DefaultScope.get_instance("test", scope_name="mmseg")
failed = []
for registry, names in json.loads(sys.argv[1]).items():
    child = os.fork()
    if child == 0:
        import mmaux.registry
        found = getattr(mmaux.registry, registry)
        asked = found if found.parent is None else found.parent
        prefix = "" if found.parent is None else "mmaux."
        missing = [name for name in names if asked.get(prefix + name) is None]
        if missing:
            print(registry, missing, flush=True)
        os._exit(bool(missing))
    failed.append(os.waitpid(child, 0)[1])
sys.exit(any(failed))
"""


def registered_names() -> dict[str, list[str]]:
    """Names of classes and functions under ``@REGISTRY.register_module``, by registry."""
    found = defaultdict(list)
    for file in (REPOSITORY / "mmaux").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            for decorator in getattr(node, "decorator_list", []):
                call = decorator.func if isinstance(decorator, ast.Call) else decorator
                if isinstance(call, ast.Attribute) and call.attr == "register_module":
                    given = getattr(decorator, "keywords", [])
                    names = [ast.literal_eval(k.value) for k in given if k.arg == "name"]
                    found[call.value.id].append(names[0] if names else node.name)
    return found


def test_found_from_mmsegs_scope() -> None:
    names = registered_names()
    names["MODELS"].remove("ContiguousDeformConv")  # of mmcv's ops, imported where it is used
    assert "MultiTaskOptimWrapper" in names["OPTIM_WRAPPERS"]
    command = [sys.executable, "-W", "ignore", "-c", FIND, json.dumps(names)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
