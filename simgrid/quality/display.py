"""What a display shows of an image: the windows of CT, and what is too dark or too small to be seen."""

from __future__ import annotations

# The least step that a display must show (the 5 % patch of the SMPTE pattern; Gray 1985, doi
# 10.1148/radiology.154.2.3966134): noise as large spoils half of what is flat.
STEP = 0.05
BLACK = 0.05  # of the display: less is background or lung, and as much below white is saturated
CT_WINDOWS = ((-160.0, 240.0), (-1350.0, 150.0))  # soft tissue W400 L40, lung W1500 L-600
