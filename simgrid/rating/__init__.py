"""HOW WELL A RADIOLOGIST FITS: AHP weights (eq. 1), the ontology, RBSM ratings (eq. 2)."""
