"""Makes ``quality/weights``: the only room that knows torch and scikit-learn."""
