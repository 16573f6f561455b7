"""Signal against background and tissue against tissue: the image quality metrics of MRIQC on one plane.

MRIQC (Esteban et al. 2017, doi 10.1371/journal.pone.0184661) has tissue segmentations; here Otsu's threshold
makes the foreground, and a second one within it the two tissues.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgrid.quality.measures.view import View, log_ratio, ratio

MEASURES = {
    "snr": "mean over standard deviation of the foreground, n - 1 (MRIQC)",
    "snr_dietrich": "foreground over Rayleigh-corrected noise in air (Dietrich 2007, doi 10.1002/jmri.20969)",
    "cnr": "difference of two tissues over the noise of air and tissues (Magnotta & Friedman 2006)",
    "cjv": "joint variation: (s1 + s2) / |m1 - m2| (Ganzetti 2016, doi 10.3389/fninf.2016.00010)",
    "efc": "entropy focus criterion: 0 all energy in one pixel, 1 all pixels alike (Atkinson 1997)",
    "fber": "ln of the median energy of the foreground over that of the background (MRIQC)",
    "contrast_rms": "standard deviation of z (Peli 1990, doi 10.1364/JOSAA.7.002032)",
    "contrast_local": "mean standard deviation of z between neighbouring 8 x 8 blocks",
    "entropy": "of the histogram of z, bits (Shannon 1948)",
    "skewness": "third standardised moment of z (MRIQC summary statistics)",
    "kurtosis": "fourth standardised moment of z",
    "foreground_share": "share of pixels above Otsu's threshold",
    "threshold": "Otsu's threshold in z",
    "separability": "between-class over total variance at that threshold (Otsu 1979)",
    "wm2max": "median of the brighter tissue over P99.95 (MRIQC)",
}
_EPS = 1e-16


def values(view: View) -> tuple[float, ...]:
    """In the order of MEASURES."""
    t, low_end, span = view.threshold, *view.span
    z = np.clip((view.ordered - low_end) / span, -2.0, 5.0)  # sorted
    split = int(np.searchsorted(z, t, side="right"))
    sample = z[split:] if z.size - split > 1 else np.zeros(2)
    dark = z[:split] if split > 1 else np.zeros(2)
    low, high = _two_tissues(sample)
    air = view.block_noise[view.block_air]
    noise = float(np.median(air)) if air.size else float(np.quantile(view.block_noise, 0.1))
    spread = float(z.std())
    standard = (z - z.mean()) / max(spread, 1e-6)
    squared = standard * standard
    share = 1 - split / z.size
    between = share * (1 - share) * (sample.mean() - dark.mean()) ** 2
    neighbours = np.abs(np.diff(view.block_means, axis=0)).mean() + np.abs(np.diff(view.block_means)).mean()
    return (
        snr(sample),
        ratio(float(sample.mean()), np.sqrt(2 / (4 - np.pi)) * noise, 1e-4),
        ratio(abs(high.mean() - low.mean()), np.sqrt(noise**2 + high.var() + low.var()), 1e-4),
        ratio(high.std() + low.std(), abs(high.mean() - low.mean()), 1e-4),
        efc(view.plane),
        log_ratio(float(np.median(sample**2)), float(np.median(dark**2)), 1e-6),
        spread,
        float(neighbours) / 2,
        float(-(view.histogram * np.log2(view.histogram + _EPS)).sum()),
        float(np.mean(squared * standard)),
        float(np.mean(squared * squared)),
        share,
        t,
        ratio(between, spread**2),
        ratio(float(np.median(high)), (view.quantile(0.9995) - view.span[0]) / view.span[1], 1e-3),
    )


def snr(sample: NDArray[np.float64]) -> float:
    """Mean over standard deviation with n - 1; as MRIQC's ``snr``."""
    return ratio(float(sample.mean()), float(sample.std(ddof=1)), 1e-4)


def efc(plane: NDArray[np.float32]) -> float:
    """Entropy focus criterion of a plane shifted so that its lowest value is zero (doi 10.1109/42.650886).

    MRIQC's normalisation: the entropy of B = sqrt(sum x^2) shares, divided by that of an even plane.
    """
    shifted = (plane - plane.min()).ravel()
    size = float(np.sqrt(np.dot(shifted, shifted)))
    if size <= 0:
        return 1.0
    shares = shifted * np.float32(1 / size)
    n = shares.size
    most = float(np.sqrt(n) * np.log(1 / np.sqrt(n)))
    return float(np.dot(shares, np.log(shares + np.float32(1e-12)))) / most


def _two_tissues(sample: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A sorted foreground split at the middle between the means of the two parts (k-means); never empty."""
    middle, split = float(sample.mean()), 0
    for _ in range(5):
        split = int(np.searchsorted(sample, middle, side="right"))
        if not 0 < split < sample.size:
            return sample, sample
        middle = (float(sample[:split].mean()) + float(sample[split:].mean())) / 2
    return sample[:split], sample[split:]
