"""WHAT RADIOLOGISTS FOUND LATER, held against what was judged: is the judge still right, and what would help?

table       their findings, from a CSV, joined with what the bot had said; every row is used or rejected
drift       agreement by month and by site, with intervals
proposal    curves and thresholds fitted anew, shown to help on rows that were left out, or not proposed
"""
