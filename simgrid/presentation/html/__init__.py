"""PAGES THAT OPEN ANYWHERE: one file, no network, whatever a name in it may hold.

``elements`` makes elements out of text, which is always escaped, ``drawing`` those of figures; ``page`` puts
them into the shell that all our pages share: content security policy, style, print, provenance. A page needs
no script to be read; one that has one allows it by its hash. Nothing here knows what is shown.
"""
