"""Experiments: the tables and the figure of Liu et al., and a comparison of optimisation methods.

The tables are those of "Auxiliary Learning for Deep Multi-task Learning", arXiv 1909.02214. T_1 is
semantic segmentation, T_2 depth estimation, T_3 surface normals. The paper gives relative errors of
tables 1 and 4 in percent; here they are fractions, as in its table 3.
"""

from mmaux.experiments.experiment import Experiment

from .ablation import ABLATION
from .figure3 import FIGURE_3
from .optimization import OPTIMIZATION, OPTIMIZATION_ALL
from .table1 import TABLE_1
from .table2 import TABLE_2
from .table3 import TABLE_3
from .table4 import TABLE_4

EXPERIMENTS: dict[str, Experiment] = {
    experiment.name: experiment
    for experiment in (
        FIGURE_3,
        TABLE_1,
        TABLE_2,
        TABLE_3,
        TABLE_4,
        ABLATION,
        OPTIMIZATION,
        OPTIMIZATION_ALL,
    )
}
"""Experiments by their names on the command line."""

__all__ = [
    "ABLATION",
    "EXPERIMENTS",
    "FIGURE_3",
    "OPTIMIZATION",
    "OPTIMIZATION_ALL",
    "TABLE_1",
    "TABLE_2",
    "TABLE_3",
    "TABLE_4",
]
