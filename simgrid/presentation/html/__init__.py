"""PAGES THAT OPEN ANYWHERE: one file, no network, no scripts needed, whatever a name in it may hold.

``elements`` makes elements out of text, which is always escaped; ``page`` puts them into the shell that all
our pages share: content security policy, style, print, provenance. Nothing here knows what is shown.
"""
