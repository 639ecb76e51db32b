"""Schedules of projects without an adversary, made by the hundred thousand for the planner's search."""
