"""HOW SURE WE ARE: numbers in, intervals and decisions out. numpy and scipy only; knows no hospital.

Read ``intervals`` first; ``ratios``, ``counts`` (shares, quantiles), ``pairing`` and ``families`` (intervals
that hold together) stand on it; ``long_run`` has shares of all inspections, which ``bounds`` judges;
``decisions`` says what is told apart; ``time_weighted`` has means over time; ``one_among`` asks whether what
was observed is one more of the simulated.
What each promises and keeps is in docs/explanation/statistics.md.
"""
