"""THE ARTICLE: its text, and what makes every number of ours in it from results/. Read ``build`` first.

``article.template.md`` (the text, with placeholders), ``placeholders`` (what each one becomes), ``stored``
(the values of results/reference that they are filled from), ``pdf`` (Markdown to PDF without LaTeX),
``build`` (all of it by one command). Not part of the installed package.
"""
