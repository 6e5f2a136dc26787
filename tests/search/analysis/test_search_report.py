from small_search import search, settings

from mmaux.search.analysis.search_report import write_report
from mmaux.search.work_folder import storage_file


def run(folder, *, controller, **options):
    chosen = settings(controller=controller, **options)
    search(storage_file(folder, chosen.strategy), chosen)
    return write_report(folder).read_text()


def test_a_search_is_never_shown_without_random_search(tmp_path):
    text = run(tmp_path, controller="ClimbingController", candidates=9)
    assert "**There is no random search yet.**" in text
    assert "`--against-random`" in text
    text = run(tmp_path, controller="mmaux.RandomController", candidates=9)
    assert "no random search" not in text
    assert "**ClimbingController**, first 9 evaluated candidates of both:" in text
    assert "What it proposes late" in text
    rows = [line for line in text.splitlines() if line.startswith("| random | 9 | 0 |")]
    assert len(rows) == 1


def test_random_search_alone(tmp_path):
    text = run(tmp_path, controller="mmaux.RandomController", candidates=4)
    assert "This is a random search: there is no other to compare." in text
