import pytest

from mmaux.utils.progress import progress_bar


@pytest.mark.parametrize(("total", "lines"), [(100, 20), (3, 3)])
def test_plain_lines_without_a_terminal(
    total: int, lines: int, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    monkeypatch.delenv("TTY_COMPATIBLE", raising=False)
    with progress_bar("frames", total=total) as advance:
        for _ in range(total):
            advance()
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == lines
    assert printed[-1] == f"frames: {total}/{total}"


def test_a_bar_on_a_terminal(
    capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    with progress_bar("frames", total=2) as advance:
        advance()
        advance()
    assert "2/2" in capsys.readouterr().out
