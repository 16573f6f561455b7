"""Training sources on which segmentation, denoiser and anomaly detector are tried and never learn.

A whole patient or template each. The classifier leaves out one source after the other instead, which these
three cannot afford: their weights that are shipped are the ones that were tried.
"""

from __future__ import annotations

HELD_OUT = ("totalsegmentator-ct-liver", "totalsegmentator-mr-abdomen", "nilearn-mni152")
