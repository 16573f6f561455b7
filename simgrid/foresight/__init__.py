"""WHAT IS TO BE EXPECTED before anything runs: arithmetic and queueing formulas, no chance and no clock.

Read ``estimate`` first. ``outlook`` (what is requested by the hour) and ``duty`` (who can read then) are held
against each other in ``load`` (sums), ``fluid`` (the backlog by the hour) and ``erlang`` (waiting in an hour
that is long against a reading); ``traffic`` holds the bits against the links. May import the domain and,
where links have hours, the network. Standard library only: ``simgrid validate`` has no time to load more.
"""
