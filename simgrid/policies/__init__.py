"""HOW TO DECIDE: one policy a file, found by entry point. Read ``registry``, then ``rwoa``."""
