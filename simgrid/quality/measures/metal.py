"""What is too bright or too dense for a body, and the streaks that it throws."""

from __future__ import annotations

import numpy as np

from simgrid.quality.defect_names import family
from simgrid.quality.measures.view import View, log_ratio, polar_around, ratio

MEASURES = {
    "peak_over_p99": "highest value over P99, in z",
    "peak_over_p999": "highest value over P99.9, in z",
    "tail_share": "share of pixels above z = 1.3",
    "tail_low_share": "share of pixels below z = -0.2",
    "tail_compact": "share of the pixels above z = 1.3 that touch another one",
    "dense_share": "CT: ln of the share above 2500 HU, denser than any bone; elsewhere 0",
    "bone_share": "CT: ln of the share above 1200 HU; elsewhere 0",
    "underflow_share": "CT: share below -200 HU within the body's box (dark streaks); elsewhere 0",
    "streak_angles": "spread of the mean detail along rays from the brightest point (Kalender 1987)",
    "streak_extremes": "largest over median of these ray means",
    "streak_dark": "least of these ray means: photon starvation between two metals",
    "plateau_share": "share of the brightest pixels at one value: a detector or a scale that ended",
    "steepest": "largest gradient, in z per pixel",
}


def values(view: View) -> tuple[float, ...]:
    """In the order of MEASURES."""
    low, span = view.span
    top = (float(view.plane.max()) - low) / span
    p99, p999 = ((view.quantile(q) - low) / span for q in (0.99, 0.999))
    bright = view.z > 1.3
    count = float(bright.sum())
    touching = float((bright[:, 1:] & bright[:, :-1]).sum())
    highest = view.ordered[-max(view.ordered.size // 500, 2) :]
    return (
        ratio(top, p99, 0.05),
        ratio(top, p999, 0.05),
        count / bright.size,
        float(np.mean(view.z < -0.2)),
        touching / max(count, 1.0),
        *_hounsfield(view),
        *_streaks(view),
        float(np.mean(highest >= highest[-1] - 1e-6 * span)),
        float(view.gradient.max()),
    )


def _hounsfield(view: View) -> tuple[float, float, float]:
    """On the CT's own scale, the only measures here that are not blind to gain and offset."""
    if family(view.image.modality) != "CT":
        return 0.0, 0.0, 0.0
    plane = view.plane
    dense, bone = float(np.mean(plane > 2500)), float(np.mean(plane > 1200))
    rows, columns = np.nonzero(view.block_tissue)
    if rows.size == 0:
        return log_ratio(dense, 1, 1e-6), log_ratio(bone, 1, 1e-6), 0.0
    box = plane[rows.min() * 8 : (rows.max() + 1) * 8, columns.min() * 8 : (columns.max() + 1) * 8]
    return log_ratio(dense, 1, 1e-6), log_ratio(bone, 1, 1e-6), float(np.mean(box < -200))


def _streaks(view: View) -> tuple[float, float, float]:
    """Rays of 8 to 80 pixels from the brightest point of the plane; each less its neighbours."""
    at = int(np.argmax(view.plane))
    row, column = divmod(at, view.plane.shape[1])
    reach = min(80, *view.z.shape)
    rays = polar_around(view, float(row), float(column), reach)[:, 8:]
    wide = np.pad(rays, ((4, 4), (0, 0)), mode="wrap").cumsum(axis=0, dtype=np.float32)
    smooth = (
        wide[8:] - np.concatenate([np.zeros((1, rays.shape[1]), np.float32), wide[:-9]])[: len(rays)]
    ) / 8
    detail = np.clip(rays - smooth, -0.3, 0.3).mean(axis=1)
    size = np.abs(detail)
    return float(detail.std()), ratio(float(size.max()), float(np.median(size)), 1e-4), float(detail.min())
