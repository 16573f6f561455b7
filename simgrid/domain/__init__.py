"""WHAT EXISTS: the vocabulary of the model, standard library and numpy only. ``decision`` is the seam."""
