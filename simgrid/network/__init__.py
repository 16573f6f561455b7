"""HOW BYTES SHARE LINKS. Pure: no clock of its own, no SimPy. Read ``fairshare`` first."""
