"""FROM YAML TO DOMAIN: the only package that knows pydantic and YAML. Read ``schema`` first.

``load("paper/table-1")`` gives ``Loaded`` or raises ``ScenarioInvalid`` with every problem at once. The
way in: ``files`` (which file, extends) and ``yaml_tree`` (values with places), ``overrides`` (--set, sweeps),
``schema`` and ``refusals`` (strict types, located errors), ``build``, ``people`` and ``demand`` (the domain).
May import the domain, the code tables and the ontology; never policies, workload or the simulation.
"""

from simgrid.scenario.files import shipped, shipped_names
from simgrid.scenario.installed import Installed
from simgrid.scenario.load import Loaded, load
from simgrid.scenario.problems import Problem, ScenarioInvalid

__all__ = ["Installed", "Loaded", "Problem", "ScenarioInvalid", "load", "shipped", "shipped_names"]
