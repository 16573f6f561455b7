"""What the smaller parts are worth: each with an interval, and beside a control that must do worse.

everything      all of them with the weights that are there: ``simgrid qa evaluate`` begins here
found           one figure with its interval; the bootstrap
organs          Dice on sources held out, against an atlas mean
denoising       decibels against total variation at its best, contrast kept, structures invented
anomalies       lesions put in at three contrasts and real ones, against a threshold of intensity
explanations    heat on a defect that was put into a part of an image, against random weights
"""
