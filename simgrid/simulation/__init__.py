"""WHAT HAPPENS: the SimPy model, the only package that imports simpy. START with ``journey``."""
