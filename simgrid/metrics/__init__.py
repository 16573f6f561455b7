"""HOW WELL IT WENT: journal in, numbers out. Read ``evaluate`` for the list of metrics, ``success`` for
eq. 9, ``load`` for eq. 10, ``audit`` for what makes a journal impossible. numpy only.
"""

from simgrid.domain.metric import METRICS, MetricInfo
from simgrid.metrics.audit import problems
from simgrid.metrics.evaluate import ALL, Measurement, evaluate

__all__ = ["ALL", "METRICS", "Measurement", "MetricInfo", "evaluate", "problems"]
