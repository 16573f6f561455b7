"""DOES THE MODEL KNOW YOUR DEPARTMENT? A scenario that replays a log, beside that log.

Read ``own_department`` first (all of it for one scenario); ``log_window`` (the rows that are replayed, and
what each lacks), ``beside`` (turnaround, wait, load and transfer of log and replications), ``judging`` (from
those to a word), ``tables`` and ``figure`` (what is shown of them), ``mined_figure`` (Figure 3 of a log).
"""
