"""SHOW IT: tables and figures of a finished study."""
