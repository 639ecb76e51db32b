"""What needs more runs than one: each mechanism off in turn."""
