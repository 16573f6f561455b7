"""THE EDITOR: a page on this machine alone that edits a scenario, runs it and hands out its report; no logic.

``simgrid app`` starts it (``pip install 'simgrid-telerad[app]'`` brings Streamlit). ``page`` is what
Streamlit runs; ``editing`` shows and changes the scenario, ``results`` what came of it; ``opening`` says
which files may be opened, ``background`` computes a study beside the page. The rooms below do all else.
"""
