"""The one number that says whether stored runs still mean what this code would compute.

Raise MODEL_VERSION by hand whenever a change alters any number of any run: the simulation, the streams, the
rating, the solver's tie-breaks, the metrics. It is part of every run's key, so raising it makes every stored
run stale at once; the golden-number test fails until it is raised. A policy's own file needs no raise: its
hash is in the keys of its runs.
"""

MODEL_VERSION = 9
