"""How good the classifier is, with intervals over sources; needs neither torch nor scikit-learn.

scores     what training kept: truth and scores of every sample by weights that never saw its source
auc        areas under curves, and their bootstrap over sources
tables     the tables of ``simgrid qa evaluate``
untouched  the untouched test set, judged with the shipped weights
verdict_shares  how many good images are sent back, how many bad ones pass
parts/     segmentation, denoiser, anomalies, explanation: each with a control that must do worse
"""
