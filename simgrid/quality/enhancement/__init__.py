"""Better pixels: a residual denoiser that runs without torch. The original is never written over.

denoise   the network over a plane of any size, in tiles

What it gains, costs and invents is measured in ``evaluation.parts.denoising``: read that before trusting one.
"""
