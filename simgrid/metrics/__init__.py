"""HOW WELL IT WENT: journal in, numbers out. Read ``success`` for eq. 9 and 10."""
