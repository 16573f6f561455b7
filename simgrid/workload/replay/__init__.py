"""LOADS FROM REAL LOGS: an event log read, freed of identities, and replayed. Read ``rows`` first.

Readers (``csv_log``, ``hl7_feed``, ``xes_log``) give rows of text; ``intake`` turns them into the columns of
an ``event_log``, counting every row and every filled cell; ``standard_csv`` writes and reads that log;
``from_log`` makes the inspections of a replication. Files are only ever read here, line by line.
"""
