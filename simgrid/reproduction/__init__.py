"""THE STUDY AGAIN: each of its claims beside ours, with one verdict. Read ``reproduce`` first.

``claims`` (what the study says and what counts as meeting it; ``claims_file`` reads paper/claims.yaml),
``experiments`` (which scenario and how many worlds answer which claim), ``parts`` (what of a claim has a
verdict of its own), ``compared`` (that what a claim names is there), ``evidence`` (what the worlds gave,
and where it is kept), ``reference`` (the runs that travel with simgrid), ``same_journals`` and
``mined_ratings`` (evidence that no metric tells), ``gains`` (from worlds to a gain with its interval),
``verdicts`` (from an interval and a band to one word), ``findings`` and ``counting`` (all of that for one
claim), ``verdict_table`` and ``verdict_page`` (on screen, as CSV and as HTML), ``exhibits`` (the study's
tables and figures from the same evidence), ``department`` (the same of one's own log, and the model held
against it). Where the gains hold: ``maps`` (Stage 2 over two assumptions at a time), ``regions`` (where
each stated gain is met, in words), ``assumptions`` (which of them move the gains most).
May import presentation and experiments; only the command line imports it.
"""
