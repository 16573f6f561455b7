"""THE STUDY'S TABLES AND FIGURES, made again from the worlds. Read ``exhibit`` first, then ``catalogue``.

``exhibit`` (what one is: a name, the worlds it needs, a table and a figure), ``catalogue`` (all of them),
``rendering`` (to CSV and PNG), ``estimates`` and ``drawing`` (what several share); then one module each:
``table_1``, ``figure_2``, ``figure_3``, ``figure_4``, ``frontier``, ``predictions``,
``maps``, ``regions``, ``sensitivity``.
"""
