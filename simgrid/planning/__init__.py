"""HOW MUCH DO WE NEED: radiologists, hours, bandwidth, at what cost. Read ``answer`` first, then ``search``.

``space`` has the plans of a scenario, cheapest first, ``cost`` what each costs a month, ``screening`` those
that theory excludes, ``search`` the order in which the others are simulated and tested, ``observing`` the
runs behind it, ``people`` what takes radiologists (by the worlds of ``changed``). ``search`` is pure, it is
handed what was observed, and so is what it stands on: ``elimination``, ``prospects``, ``sizing``,
``testing``, ``findings``, ``evidence``.

WHAT BREAKS FIRST is ``stress``: ``states`` has what can be missing, ``busiest`` when, ``observed`` the runs,
``judging`` what they say, ``recovery`` how long an outage is felt. May import experiments and everything
below; words and pages are presentation's.
"""
