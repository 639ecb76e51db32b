"""Many operations on shared assets, without an adversary: base schedules, and policies for uncertain durations."""
