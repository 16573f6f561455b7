"""Which organs a slice shows, how large they are, and whether the field of view cuts them off.

organs      the network and what it sees: a label for every pixel of a CT or MR slice
findings    the header's body part against the organs seen; anatomy at the edge of the picture
label_maps  the sources' label maps in these organs, for training and evaluation
"""
