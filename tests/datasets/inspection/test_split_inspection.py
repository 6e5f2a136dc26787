import pytest
import torch

from mmaux.datasets.inspection.data_report import problem_lines, summary_line
from mmaux.datasets.inspection.problem import Problem, problem_of_error
from mmaux.datasets.inspection.sample_panels import picture_of
from mmaux.datasets.inspection.split_inspection import evenly_spaced


@pytest.mark.parametrize(
    ("total", "number", "expected"),
    [
        (5, None, [0, 1, 2, 3, 4]),
        (5, 9, [0, 1, 2, 3, 4]),
        (9, 3, [0, 4, 8]),
        (9, 1, [0]),
        (9, 0, []),
        (0, 3, []),
    ],
)
def test_evenly_spaced(total: int, number: int | None, expected: list[int]) -> None:
    assert evenly_spaced(total, number) == expected


def test_a_problem_is_one_line() -> None:
    assert (
        str(Problem("a.png", "kind", "found\n this", "do that.")) == "a.png: found this; do that."
    )


def test_errors_that_name_the_file_are_kept_and_others_completed() -> None:
    kept = problem_of_error("a.png", ValueError("a.png: is bad."))
    assert str(kept) == "a.png: is bad."
    other = problem_of_error("a.npy", EOFError("No data"))
    assert str(other) == "a.npy: cannot be read (EOFError: No data); copy or convert it again."


def test_lines_are_cut_by_kind() -> None:
    problems = [Problem(f"{i}", "many", "x") for i in range(25)] + [Problem("z", "one", "y")]
    assert len(problem_lines(problems, full_list=None)) == 26
    lines = problem_lines(problems, full_list="all.txt")
    assert lines[19:] == ["19: x", "... and 5 more like this (many), see all.txt", "z: y"]


@pytest.mark.parametrize(
    ("problems", "samples", "line"),
    [(0, 1, "no problems in 1 sample"), (1, 2, "1 problem in 2 samples")],
)
def test_summary(problems: int, samples: int, line: str) -> None:
    assert summary_line(problems, samples) == line


def test_picture_of_a_packed_image_is_rgb() -> None:
    bgr = torch.zeros(3, 2, 2, dtype=torch.uint8)
    bgr[0] = 200
    picture = picture_of(bgr)
    assert picture.shape == (2, 2, 3)
    assert picture[0, 0].tolist() == [0, 0, 200]
    assert picture_of(bgr.float()).tolist() == picture.tolist()


def test_picture_of_a_normalised_image_is_stretched() -> None:
    picture = picture_of(torch.linspace(-2, 2, 12).reshape(3, 2, 2))
    assert (picture.min(), picture.max()) == (0, 255)
