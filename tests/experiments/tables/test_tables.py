import pytest

from mmaux.experiments.experiment import DATA
from mmaux.experiments.tables import EXPERIMENTS, TABLE_1, TABLE_4


@pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=EXPERIMENTS)
def test_every_table_is_consistent(experiment):
    assert experiment.paper_data in DATA
    metrics = {metric.name for metric in experiment.metrics}
    for group in experiment.groups:
        assert group.row(group.joint).paper.keys() <= metrics
        for strategy in group.singles:
            group.row(strategy)
        strategies = [row.strategy for row in group.rows]
        assert len(set(strategies)) == len(strategies)
        assert len({row.label for row in group.rows}) == len(strategies)
    for group, row in experiment.rows():
        assert row.paper.keys() <= metrics
        assert row.starts_from is None or group.row(row.starts_from)


def test_the_papers_numbers_by_column():
    """Sums of the columns of tables 1 and 4, added up from the paper's text."""
    miou = [row.paper["semseg/mIoU"] for _, row in TABLE_1.rows() if "semseg/mIoU" in row.paper]
    assert sum(miou) == pytest.approx(
        34.6 + 36.21 + 38.05 + 33.1 + 33.06 + 37.38 + 34.8 + 37.13 + 38.85
    )
    rel = [row.paper["depth/abs_rel"] for _, row in TABLE_1.rows() if "depth/abs_rel" in row.paper]
    assert 100 * sum(rel) == pytest.approx(
        18.7 + 17.13 + 14.91 + 19.4 + 17.64 + 15.12 + 18.6 + 16.03 + 14.64
    )
    columns = {
        "semseg/aAcc": 80.7 + 82.9 + 80.8 + 80.9 + 81.3,
        "semseg/mIoU": 53.7 + 55.3 + 54.0 + 54.4 + 54.9,
        "depth/abs_rel": (22.8 + 21.7 + 20.8 + 20.3 + 20.5) / 100,
        "normal/mean": 28.7 + 28.3 + 27.0 + 25.7 + 26.1,
    }
    for name, total in columns.items():
        values = [row.paper[name] for _, row in TABLE_4.rows() if row.paper]
        assert sum(values) == pytest.approx(total)
