"""How the values use their scale: clipped at its ends, crowded at one side, or too few of them."""

from __future__ import annotations

import numpy as np

from simgrid.quality.measures.view import View, log_ratio

MEASURES = {
    "clipped_low": "share of pixels at the lowest value of the image",
    "clipped_high": "share of pixels at the highest value of the image",
    "clipped_limit_low": "share of pixels at the lowest value the file can hold",
    "clipped_limit_high": "share of pixels at the highest value the file can hold",
    "range_used": "ln of the image's range over what the file can hold; 0 where limits are not known",
    "levels": "log2 of the number of distinct values (sampled)",
    "level_gaps": "share of empty levels between P5 and P95 of 128: a stretched or posterised scale",
    "z_p05": "P5 of z",
    "z_p25": "P25 of z",
    "z_p50": "median of z",
    "z_p75": "P75 of z",
    "z_p95": "P95 of z",
    "mode": "the most frequent of 128 levels",
    "mode_share": "its share",
    "crowded_low": "share of z below 0.1",
    "crowded_high": "share of z above 0.9",
    "spread_to_peak": "ln of P95 - P5 over the whole range: small where few outliers stretch the scale",
}


def values(view: View) -> tuple[float, ...]:
    """In the order of MEASURES."""
    original, ordered = view.image.pixels, view.ordered
    low, high = float(original.min()), float(original.max())
    span = max(high - low, 1e-12)
    limits = view.image.limits
    z = (ordered - view.span[0]) / view.span[1]
    quantiles = [float(np.clip(z[int(q * (z.size - 1))], -2, 5)) for q in (0.05, 0.25, 0.5, 0.75, 0.95)]
    shares = view.histogram
    first, last = (int(np.clip(quantiles[k], 0, 0.999) * shares.size) for k in (0, 4))
    between = shares[first : last + 1]
    return (
        float(np.mean(original <= low + 1e-6 * span)),
        float(np.mean(original >= high - 1e-6 * span)),
        float(np.mean(original <= limits[0])) if limits else 0.0,
        float(np.mean(original >= limits[1])) if limits else 0.0,
        log_ratio(span, limits[1] - limits[0], 1e-6) if limits else 0.0,
        float(np.log2(1 + np.count_nonzero(np.diff(ordered) > 1e-7 * view.span[1]))),
        float(np.mean(between == 0)),
        *quantiles,
        float(np.argmax(shares)) / shares.size,
        float(shares.max()),
        float(np.mean(z < 0.1)),
        float(np.mean(z > 0.9)),
        log_ratio((quantiles[4] - quantiles[0]) * view.span[1], ordered[-1] - ordered[0], 1e-6),
    )
