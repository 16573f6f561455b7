"""The code tables: effort, reading minutes, ICD-10 compatibility, image resolution, with provenance."""
