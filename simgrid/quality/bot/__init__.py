"""The QA bot: an idempotent state machine over a folder, with a log that cannot be changed unseen."""
