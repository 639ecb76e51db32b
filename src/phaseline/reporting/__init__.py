"""Outcomes shown to people. Reads outcomes and scenarios, runs nothing."""
