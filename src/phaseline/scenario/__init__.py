"""The scenario: what may be written, how it is read and checked, and what a run of it records."""
