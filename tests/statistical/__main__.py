"""``python -m tests.statistical [TEXT ...]``: every measure in its band, and every planted fault found.

About six minutes of one core; with texts, only measures and faults that have one of them in their names
(``python -m tests.statistical theory "reading times"`` takes two). Two tables:

- what is measured, the band declared beforehand, trials, what was seen, and whether it holds; ``power`` is
  the probability of failing under the first planted fault that the measure must find;
- each fault, each measure that must find it, the share that the fault gives it, its power there, what was
  seen with the fault in place, and whether it was caught.

Exit code 1 where a measure does not hold, a fault survives, or a power is below what is declared.
"""

from __future__ import annotations

import sys

from tests.statistical.mutants import MUTANTS, Mutant
from tests.statistical.suite import LEAST_POWER, MEASURES, Told, must_find, power


def chosen(texts: list[str]) -> tuple[list[Told], list[Mutant]]:
    """Those with one of the texts in their names; all without any."""
    if not texts:
        return list(MEASURES), list(MUTANTS)
    return (
        [one for one in MEASURES if any(text in one.name for text in texts)],
        [one for one in MUTANTS if any(text in one.name for text in texts)],
    )


def measured(measures: list[Told]) -> list[str]:
    """Print the first table; names of what does not hold, or would hardly find its fault."""
    print("| measure | band | trials | power | seen | holds |\n| --- | --- | --- | --- | --- | --- |")
    wrong = []
    for one in measures:
        seen, found = one.look(), power(one)
        holds = "yes" if seen.holds else "NO"
        print(
            f"| {one.name} | {one.band} | {one.samples} | {found:.3f} | {seen.shown} | {holds} |", flush=True
        )
        if not seen.holds:
            wrong.append(f"{one.name} does not hold")
        if found < LEAST_POWER:
            wrong.append(f"{one.name} finds its fault with a probability of {found:.3f} only")
    return wrong


def mutated(mutants: list[Mutant]) -> list[str]:
    """Print the second table; what survives."""
    print("\n| fault | measure | would be | power | seen | caught |\n| --- | --- | --- | --- | --- | --- |")
    wrong = []
    for mutant in mutants:
        for one, share in must_find(mutant):
            with mutant.planted():
                seen = one.look()
            caught = "NO" if seen.holds else "yes"
            print(
                f"| {mutant.name} | {one.name} | {share:.3f} | {one.power(share):.3f} "
                f"| {seen.shown} | {caught} |",
                flush=True,
            )
            if seen.holds:
                wrong.append(f"{mutant.name}: survives {one.name}")
    return wrong


def main() -> None:
    """Print both tables; exit code 1 where something is wrong or nothing has such a name."""
    measures, mutants = chosen(sys.argv[1:])
    if not measures and not mutants:
        raise SystemExit(f"no measure and no fault has {' or '.join(map(repr, sys.argv[1:]))} in its name")
    wrong = measured(measures) + mutated(mutants)
    print(f"\n{len(measures)} measures, {len(mutants)} faults")
    if wrong:
        raise SystemExit("\n".join(wrong))
    print("all hold, all are caught")


if __name__ == "__main__":
    main()
