"""What only many trials can tell. ``python -m tests.statistical`` measures it; ``__main__`` says how long.

``suite`` lists what is measured (START HERE) and ``mutants`` the faults that must be found; ``coverage``,
``sequential``, ``ranking`` and ``theory`` measure. Beside them stand long versions of quick tests, and
``on_off``; ``python -m pytest -m statistical`` runs all of it.
"""
