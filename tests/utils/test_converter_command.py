import pytest

from mmaux.utils.converter_command import exit_status


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (ValueError("a: wrong"), 2, "error: a: wrong\n"),
        (FileNotFoundError("no file"), 2, "error: no file\n"),
        (ImportError("needs x"), 2, "error: needs x\n"),
        (KeyboardInterrupt(), 130, "interrupted; the same command continues where it stopped.\n"),
    ],
)
def test_expected_ends(error: BaseException, status: int, message: str, capsys) -> None:
    def convert() -> None:
        raise error

    assert exit_status(convert) == status
    assert capsys.readouterr().err == message


def test_success_and_a_mistake_of_ours(capsys) -> None:
    assert exit_status(lambda: print("done")) == 0
    assert capsys.readouterr().out == "done\n"
    with pytest.raises(KeyError):
        exit_status(lambda: {}["a"])
