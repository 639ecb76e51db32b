"""What needs more runs than one: each mechanism off in turn, numbers fixed, thresholds at which a claim flips."""
