"""From a template to the article: ``{{...}}`` becomes a value of results/reference, or it is told as missing.

| placeholder | becomes |
| --- | --- |
| ``{{ours K4 practice}}`` | our mean with its interval |
| ``{{paper K4 practice}}`` | what the study states |
| ``{{singles K4 practice}}`` | the range of single worlds |
| ``{{percentile K4 practice}}`` | where the stated value lies among single worlds |
| ``{{verdict K4 practice}}``, ``{{worlds K4 practice}}`` | the word, the number of worlds |
| ``{{mean WORLDS METRIC ARM: .3f}}`` | the mean of values/WORLDS.json with its interval |
| ``{{difference WORLDS METRIC ARM BASELINE: +.3f}}`` | ARM minus BASELINE in pairs, with its interval |
| ``{{gain WORLDS METRIC ARM BASELINE: +.1f}}`` | ratio of means minus 1, per cent, with its interval |
| ``{{ceiling K6 METRIC}}`` | how high the chief can be for a stated gain, and whether ours is lower |
| ``{{sure K5 equal: differs, below 0}}`` | nothing; an error where the verdict is another |
| ``{{claims K4 K5}}`` | a table of all parts of these claims |
| ``{{met K4 K5}}`` | a sentence: which of the claims hold at their defaults, and which do not |
| ``{{cell TABLE COLUMN, a=b, c=d: .1f}}`` | a cell of tables/TABLE.csv; ``%`` first: in per cent |
| ``{{lines TABLE COLUMN}}`` | a column of tables/TABLE.csv as a list |
| ``{{names TABLE COLUMN, a=b}}`` | what stands in a column of the rows that agree, each once |
| ``{{figure NAME: caption}}`` | the figure |
| ``{{scenario FILE key.path}}`` | a declared value of a shipped scenario |
| ``{{include FILE}}`` | another file of paper/, without its heading |
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from paper.stored import ROOT, Misnamed, NotStored, Stored
from simgrid.domain.units import FloatArray
from simgrid.presentation.wording import places
from simgrid.reproduction.claims import Claim
from simgrid.reproduction.claims_file import read_claims
from simgrid.reproduction.gains import Effect, difference, gain
from simgrid.statistics.intervals import mean_interval

PAPER = ROOT / "paper"
HELD = ("same digits", "within", "by construction")
MARK = "*not yet stored*"
_PLACEHOLDER = re.compile(r"\{\{([^{}]*)\}\}")
_WIDTHS = (34, 10, 23, 15, 18)
_IN_PERCENT = ("gain", "reduction", "trend", "joint")


@dataclass(frozen=True)
class Filler:
    """Fills a template; ``missing`` collects what is not stored, in the order met."""

    stored: Stored
    missing: list[str] = field(default_factory=list)
    claims: Mapping[str, Claim] = field(
        default_factory=lambda: {one.name: one for one in read_claims(PAPER / "claims.yaml")}
    )

    def fill(self, template: str) -> str:
        """The text with every placeholder filled, inner ones first; what is not stored becomes ``MARK``."""
        text, count = template, 1
        while count:
            text, count = _PLACEHOLDER.subn(lambda found: self._filled(" ".join(found[1].split())), text)
        return text

    def _filled(self, asked: str) -> str:
        word, _, rest = asked.partition(" ")
        makers: Mapping[str, Callable[[str], str]] = {
            "ours": lambda of: self._of(of, self._ours),
            "paper": lambda of: self._of(of, self._paper),
            "singles": lambda of: self._of(of, _singles),
            "percentile": lambda of: self._of(of, _percentile),
            "verdict": lambda of: self._of(of, lambda row: row["verdict"]),
            "worlds": lambda of: self._of(of, lambda row: row["worlds"]),
            "mean": self._mean,
            "difference": lambda of: self._pair(of, difference),
            "gain": lambda of: self._pair(of, gain, " %"),
            "ceiling": self._ceiling,
            "claims": self._claims,
            "met": self._met,
            "cell": self._cell,
            "lines": self._lines,
            "names": self._names,
            "sure": self._sure,
            "figure": self._figure,
            "scenario": _declared,
            "include": self._include,
        }
        if word not in makers:
            raise Misnamed(f"{{{{{asked}}}}}: no such placeholder; there are {', '.join(makers)}")
        try:
            return makers[word](rest)
        except NotStored as error:
            self.missing.append(str(error))
            return "" if word == "sure" else MARK

    def _of(self, name: str, told: Callable[[Mapping[str, str]], str]) -> str:
        claim, _, part = name.partition(" ")
        return told(self.stored.verdict(claim, part))

    def _paper(self, row: Mapping[str, str]) -> str:
        claim = self.claims[row["claim"]]
        if claim.values:
            return "; ".join(f"{value:,.0f}" for value in claim.values.values())
        if claim.value is not None:
            return f"{100 * claim.value:+.4g} %" if self._percent(row) else f"{claim.value:,.0f}"
        if self._measure(row) == "joint":
            return "all of them"
        band = claim.band(_metric(claim, row["part"]))
        if band is None:
            return "–"
        if band.low == band.high:
            return "no difference"
        return f"above {band.low:g}" if math.isinf(band.high) else f"below {band.high:g}"

    def _ours(self, row: Mapping[str, str]) -> str:
        try:
            numbers = [float(row[name]) for name in ("ours", "lo95", "hi95")]
        except ValueError:  # counts, or no interval
            return row["ours"].replace("nan", "") or "–"
        scale, unit = (100.0, " %") if self._percent(row) else (1.0, f" {row['unit']}".rstrip())
        unit = {"trend": " points", "joint": " % of worlds"}.get(self._measure(row), unit)
        mean, low, high = (scale * one for one in numbers)
        digits = places([(low, high)]) if math.isfinite(high - low) else 2
        return f"{mean:+.{digits}f} [{low:+.{digits}f}, {high:+.{digits}f}]{unit}"

    def _measure(self, row: Mapping[str, str]) -> str:
        quantity = self.claims[row["claim"]].quantity
        return quantity.measure if quantity else ""

    def _percent(self, row: Mapping[str, str]) -> bool:
        return self._measure(row) in _IN_PERCENT

    def _claims(self, names: str) -> str:
        """One row a part; a part that is not stored is told as missing and keeps its row."""
        told: list[tuple[str, ...]] = []
        for claim, part in self._parts(names.split()):
            says = (
                f"{claim} {self.claims[claim].says}"
                if not any(claim in row[0].split() for row in told)
                else claim
            )
            label = f"{says}: {_words(part)}" if part and says != claim else f"{says} {_words(part)}".strip()
            try:
                row = self.stored.verdict(claim, part)
            except NotStored as error:
                self.missing.append(str(error))
                told.append((label, "", MARK, "", ""))
                continue
            told.append((label, self._paper(row), self._ours(row), _singles(row), row["verdict"]))
        return _table(("claim", "the study", "ours [95 %]", "single worlds", "verdict"), _WIDTHS, told)

    def _met(self, names: str) -> str:
        """Each claim's default reading (its first part), sorted by what came out."""
        rows = [self.stored.verdict(*self._parts([name])[0]) for name in names.split()]
        by_word: dict[str, list[str]] = {}
        for row in rows:
            by_word.setdefault(row["verdict"], []).append(row["claim"])
        held = [name for word in HELD for name in by_word.get(word, ())]
        told = "; ".join(f"{_listed(found)}: {word}" for word, found in by_word.items())
        if len(held) == len(rows):
            return f"At the defaults all of them are reproduced ({told})."
        if not held:
            return f"At the defaults none of them is reproduced within its band ({told})."
        lost = [row["claim"] for row in rows if row["claim"] not in held]
        return f"At the defaults {_listed(held)} held and {_listed(lost)} did not ({told})."

    def _mean(self, asked: str) -> str:
        names, _, form = asked.partition(":")
        worlds, metric, arm = names.split(maxsplit=2)
        found = mean_interval(self.stored.values(worlds, metric, arm))
        mean, low, high = (format(float(one), form.strip()) for one in (found.mean, found.low, found.high))
        return f"{mean} [{low}, {high}]"

    def _pair(self, asked: str, compared: Callable[[FloatArray, FloatArray], Effect], unit: str = "") -> str:
        names, _, form = asked.rpartition(":")
        worlds, metric, *arms = names.split()
        if len(arms) != 2:
            raise Misnamed(f"{asked}: write WORLDS METRIC ARM BASELINE: FORMAT")
        found = compared(*(self.stored.values(worlds, metric, one) for one in arms)).interval
        scale = 100.0 if unit else 1.0
        mean, low, high = (format(scale * one, form.strip()) for one in (found.mean, found.low, found.high))
        return f"{mean} [{low}, {high}]{unit}"

    def _ceiling(self, asked: str) -> str:
        """A success is at most 1, so whoever is exceeded by a gain g has at most 1 / (1 + g)."""
        name, metric = asked.split()
        stated = self.claims[name].value
        if stated is None:
            raise Misnamed(f"{name} states no gain")
        most = 1.0 / (1.0 + stated)
        ours = mean_interval(self.stored.values("stage-2", metric, "manual"))
        word = "below it" if ours.high < most else "above it" if ours.low > most else "not told apart from it"
        told = self._mean(f"stage-2 {metric} manual: .3f")
        return f"at most {most:.3f}; ours has {told}, {word}"

    def _parts(self, names: Sequence[str]) -> list[tuple[str, str]]:
        unknown = [name for name in names if name not in self.claims]
        if unknown:
            raise Misnamed(f"no claims {unknown}")
        return [key for name in names for key in self.stored.verdicts if key[0] == name]

    def _cell(self, asked: str) -> str:
        found = re.fullmatch(r"(\S+) (\w+)((?:, ?[^=,]+=[^,:]+)*): ?(%?)([\w.+]*)", asked)
        if found is None:
            raise Misnamed(f"cell {asked}: write TABLE COLUMN, name=value: FORMAT")
        table, column, conditions, percent, form = found.groups()
        pairs = [one.partition("=") for one in conditions.split(",") if one.strip()]
        text = self.stored.cell(table, column, {name.strip(): value.strip() for name, _, value in pairs})
        if not form:
            return text
        return format(float(text) * (100 if percent else 1), form) + (" %" if percent else "")

    def _lines(self, asked: str) -> str:
        table, column = asked.split()
        return "\n".join(f"- {one}" for one in self.stored.column(table, column, {}))

    def _names(self, asked: str) -> str:
        names, *conditions = (one.strip() for one in asked.split(","))
        table, column = names.split()
        where = dict(one.split("=", 1) for one in conditions)
        found = dict.fromkeys(self.stored.column(table, column, where))
        return _listed([f"`{one}`" for one in found]) if found else "none"

    def _sure(self, asked: str) -> str:
        """Raises where what the text says of a claim is not what came out."""
        name, _, said = asked.partition(": ")
        word, _, side = said.partition(", ")
        claim, _, part = name.partition(" ")
        row = self.stored.verdict(claim, part)
        sides = {"below 0": lambda: float(row["hi95"]) < 0, "above 0": lambda: float(row["lo95"]) > 0}
        if row["verdict"] != word or (side and not sides[side]()):
            raise Misnamed(
                f"the text says '{said}' of {name}; it came out as {row['verdict']}, {row['ours']}"
            )
        return ""

    def _figure(self, asked: str) -> str:
        name, _, caption = asked.partition(": ")
        file = self.stored.figure(name)
        return f"![{caption}]({os.path.relpath(file, PAPER)})"

    def _include(self, name: str) -> str:
        text = (PAPER / name).read_text(encoding="utf-8")
        return text.partition("\n")[2].strip() if text.startswith("# ") else text.strip()


def _metric(claim: Claim, part: str) -> str:
    metrics = claim.quantity.metrics if claim.quantity else ()
    named = part.rpartition(", ")[2]
    return named if named in metrics else metrics[0] if metrics else ""


def _table(headings: Sequence[str], widths: Sequence[int], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table whose columns share the page as ``widths`` do."""
    rule = [f":{'-' * width}" for width in widths]
    return "\n".join(f"| {' | '.join(row)} |" for row in (headings, rule, *rows))


def _words(part: str) -> str:
    return part.replace("_", " ")


def _singles(row: Mapping[str, str]) -> str:
    if not row["single_lo"]:
        return ""
    return f"{100 * float(row['single_lo']):+.1f} to {100 * float(row['single_hi']):+.1f} %"


def _percentile(row: Mapping[str, str]) -> str:
    return f"{float(row['percentile']):.0f}" if row["percentile"] else "–"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _declared(asked: str) -> str:
    """A value as written in a scenario after its ``extends``."""
    from simgrid.scenario.files import read_resolved

    name, _, place = asked.partition(" ")
    path: tuple[str | int, ...] = tuple(place.split("."))
    found = read_resolved(ROOT / "scenarios" / f"{name}.yaml", ()).tree.at(path)
    if found is None:
        raise Misnamed(f"{name} has no {place}")
    return str(getattr(found, "value", found))


def template(name: str) -> Path:
    """The template of a file of paper/."""
    return PAPER / name.replace(".md", ".template.md")
