"""A world in which the cheapest plan is known by hand, as a scenario file.

One study an hour finds everybody idle. It weighs 90 MB, so its delivery over b Mbit/s takes 12 / b minutes;
it waits up to a minute for the next decision and is read in ten: within 14.5 minutes at 4 Mbit/s, never at 2.
"""

from __future__ import annotations

from pathlib import Path

WORLD = """\
title: "One study an hour, so that nobody ever waits"
calendar: {start: 2026-01-05 08:00}
horizon: 1 h
give_up_after: 1 d
replications: 5
policies: [shortest-queue]
groups: []
sites: {clinic: {link: {bandwidth: 1 Gbit/s}}}
units: {desk: {link: {bandwidth: 8 Mbit/s}, storage: 20 GB, workstations: 3, monitor: 5 MP}}
data_centre: {link: {bandwidth: 1 Gbit/s}}
radiologists:
  reader: {count: 2, unit: desk, reads: [CT], hours: always, ratings: {CT: 4, brain: 4}}
demand:
  count: 1
  urgent: 50 %
  required: {urgent: 30 min, routine: 4 h}
  mix: {modalities: {CT: 100 %}, body_parts: [Brain], icd10: [C71]}
studies: {CT: {size: {constant: 90 MB}, images: 100}}
reading_time: {CT: {constant: 10 min}}
spread: {speed: 0.0, estimate_error: 0.0}
dispatch: {every: 1 min}
targets:
  quick: {of: all, within: 14.5 min, share: 90 %}
costs:
  radiologists: 100 EUR/month
  bandwidth: 3 EUR/Mbit/s/month
  data_centre.link.bandwidth: 0 EUR/Mbit/s/month
  sites.*.link.bandwidth: 0 EUR/Mbit/s/month
plan:
  vary:
    units.desk.link.bandwidth: [1 Mbit/s, 2 Mbit/s, 4 Mbit/s, 8 Mbit/s]
    radiologists.reader.count: 1..2
  runs: 60
"""


def written(folder: Path, *changes: tuple[str, str]) -> Path:
    """The file, with other texts in place of some of its own."""
    text = WORLD
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    file = folder / "world.yaml"
    file.write_text(text)
    return file
