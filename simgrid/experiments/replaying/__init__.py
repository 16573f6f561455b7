"""FROM A LOG TO A SCENARIO: what ``simgrid replay`` writes. Read ``conversion`` first.

``logs`` and ``dicom_folders`` say what was understood, ``team`` and ``load`` what a log shows of its people
and links, ``mapping`` reads a user's column names, ``scenario_text`` writes the YAML with its ledger.
"""
