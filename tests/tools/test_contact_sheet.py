"""The command that draws samples of a config's data."""

import runpy
import sys
from pathlib import Path

import cv2
import pytest
from run_configs import small_run

TOOL = Path(__file__).parents[2] / "tools" / "analysis" / "contact_sheet.py"


@pytest.fixture
def contact_sheet(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("net.py").write_text(small_run(tmp_path).pretty_text)

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["contact_sheet.py", *words])
        with pytest.raises(SystemExit) as stopped:
            runpy.run_path(str(TOOL), run_name="__main__")
        captured = capsys.readouterr()
        return stopped.value.code, captured.out + captured.err

    return run


def test_a_column_a_sample_and_a_row_a_target(contact_sheet):
    words = ["net.py", "--out", "new/sheet.png", "--samples", "3", "0", "--cell-width", "64"]
    status, printed = contact_sheet(*words)
    assert status == 0, printed
    assert "2 samples in new/sheet.png" in printed
    sheet = cv2.imread("new/sheet.png")
    assert sheet.shape == (4 * 48 + 3 * 4, 2 * 64 + 4, 3)  # samples of 48x64: image, three targets
    for row in range(4):  # no cell is empty
        for column in range(2):
            assert sheet[row * 52 : row * 52 + 48, column * 68 : column * 68 + 64].min() < 200


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["net.py", "--out", "a.png", "--samples", "4"], "--samples: found [4]"),
        (["net.py", "--out", "a.jpg", "--samples", "0"], "give a name that ends in .png"),
        (
            ["net.py", "--out", "a.png", "--split", "val", "--cfg-options", "val_dataloader=None"],
            "'net.py' has no data of the split 'val': val_dataloader.dataset is not set",
        ),
        (["absent.py", "--out", "a.png"], "absent.py"),
    ],
)
def test_errors(contact_sheet, words, message):
    status, printed = contact_sheet(*words)
    assert status == 2
    assert message in printed
