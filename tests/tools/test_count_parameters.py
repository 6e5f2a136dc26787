import pytest
from small_runs import CONFIGS, run_tool

TOOL = "analysis/count_parameters.py"


def test_table_1_beside_the_paper(tmp_path):
    configs = [CONFIGS / f"{name}_nyud.py" for name in ("joint_mbv2_context", "joint_all_mbv2")]
    done = run_tool(TOOL, *configs, "--size", "64", "96", cwd=tmp_path)
    rows = {
        cells[0]: cells[1:]
        for line in done.stdout.splitlines()
        if line.startswith("│")
        for cells in [[cell.strip() for cell in line.strip("│").split("│")]]
    }
    context = rows["joint_mbv2_context_nyud"]
    assert context[:5] == ["3.977 M", "3.98 M", "-0.08%", "3.977 M", "64 x 96"]
    assert rows["joint_all_mbv2_nyud"][:3] == ["4.036 M", "", ""]


def test_an_error_without_traceback(tmp_path):
    done = run_tool(TOOL, "absent.py", cwd=tmp_path, fails=True)
    assert "absent.py" in done.stdout
    assert "Traceback" not in done.stdout


@pytest.mark.parametrize("size", [("0", "0"), ("64", "-1")])
def test_a_size_without_pixels(tmp_path, size):
    config = CONFIGS / "joint_mbv2_nyud.py"
    done = run_tool(TOOL, config, "--size", *size, cwd=tmp_path, fails=True)
    assert f"--size is {' '.join(size)}; expected 1 or more each" in done.stdout
    assert "Traceback" not in done.stdout
