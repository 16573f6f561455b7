"""The script that Streamlit runs for every visit and every change of the page.

Worker processes import it under another name, and must not show anything.
"""

from __future__ import annotations

if __name__ == "__main__":
    from simgrid.app.editing import show

    show()
