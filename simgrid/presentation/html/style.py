"""The style of all pages: system fonts, grey tones that survive a printer, no meaning in a colour."""

from __future__ import annotations

STYLE = """
:root { --ink: #1a1a1a; --soft: #555; --line: #bbb; --shade: #f3f3f3; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 78rem; color: var(--ink); background: #fff;
  font: 1rem/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 0.5rem; }
h1, h2, h3, p, caption, figcaption, summary, label, output, li, legend { overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2rem 0 0.5rem; }
p { max-width: 48rem; margin: 0.5rem 0; }
p.answer { font-size: 1.15rem; }
.skip { position: absolute; left: -999rem; }
.skip:focus { position: static; }
:focus-visible { outline: 3px solid #1a56a0; outline-offset: 2px; }
.wide { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 0.92rem; }
caption { text-align: left; font-weight: 600; padding: 0.3rem 0; }
th, td { text-align: left; vertical-align: top; padding: 0.35rem 0.7rem; border-bottom: 1px solid var(--line);
  unicode-bidi: isolate; overflow-wrap: anywhere; min-width: 5rem; }
thead th { white-space: nowrap; border-bottom: 2px solid var(--ink); background: var(--shade); }
.soft { display: block; font-weight: 400; color: var(--soft); font-size: 0.86rem; }
.changed { font-weight: 700; }
.says { display: block; font-weight: 400; min-width: 14rem; }
img { max-width: 100%; height: auto; display: block; background: #000; }
.pictures { display: flex; flex-wrap: wrap; gap: 1rem; }
.pictures > div { max-width: 21rem; font-size: 0.86rem; }
.whole { white-space: nowrap; }
.verdict { font-size: 1.3rem; font-weight: 700; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.2rem 1rem; font-size: 0.88rem; }
dt { font-weight: 600; } dd { margin: 0; overflow-wrap: anywhere; }
footer { margin-top: 2.5rem; border-top: 2px solid var(--ink); color: var(--soft); }
@page { size: A4 landscape; margin: 12mm; }
@media print {
  html { font-size: 8.5pt; }
  body { padding: 0; max-width: none; }
  th, td { overflow-wrap: break-word; min-width: 0; }
  .skip { display: none; }
  .wide { overflow: visible; }
  thead { display: table-header-group; }
  .pictures > div { break-inside: avoid; }
  tr { break-inside: avoid; }
  thead th { background: none; }
}
"""
