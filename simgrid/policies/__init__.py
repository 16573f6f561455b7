"""HOW TO DECIDE: one policy a file, found by entry point. Read ``registry``, then ``rwoa``.

May import ``domain``, ``rating`` and ``assignment``. A policy has no clock, does no I/O and draws nothing:
its only randomness is the worklist's luck. ``candidates`` holds the rule of ``@feasible``, ``ratings`` the
ratings of a worklist's pairs, ``queue_plan`` eq. 8 with the queue behind a batch's own rows, ``mending`` how
RWOA heeds it.
"""
