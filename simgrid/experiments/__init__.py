"""MANY RUNS, ONE ANSWER: assemble, replicate, compare, store. Read ``assemble`` first."""
