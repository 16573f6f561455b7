"""HOW SURE WE ARE: numbers in, intervals and decisions out. numpy and scipy only; knows no hospital.

Read ``intervals`` first; ``decisions`` says what is told apart.
"""
