"""The command line tools/dataset_converters/sunrgbd.py."""

from pathlib import Path

from small_runs import run_tool
from sunrgbd_official import write_official

TOOL = "dataset_converters/sunrgbd.py"


def test_prints_what_came_out(tmp_path: Path) -> None:
    official = write_official(tmp_path)
    arguments = (official.root, "--toolbox", official.toolbox, "--classes", "13", "--out", "data")
    printed = run_tool(TOOL, *arguments, cwd=tmp_path).stdout
    assert "5 frames in data (3 train, 2 test); 5 converted now, 0 done before" in printed
    assert (
        "type='mmaux.SUNRGBDDataset13', data_root='data', ann_file='splits/train.txt';" in printed
    )
    printed = run_tool(TOOL, official.root, "--no-toolbox", "--out", "alone", cwd=tmp_path).stdout
    assert "5 frames in alone (5 all)" in printed
    assert "ann_file='splits/all.txt', allow_missing=('semseg',)" in printed
    (official.toolbox / "Metadata/SUNRGBD2Dseg.mat").unlink()
    failed = run_tool(TOOL, *arguments, cwd=tmp_path, fails=True)
    assert failed.returncode == 2
    last = failed.stdout.splitlines()[-1]
    assert last.startswith("error: ")
    assert "SUNRGBD2Dseg.mat: no such file" in last
    assert "Traceback" not in failed.stdout
