"""Learning from the past and from reports: reference classes, updating, backtests, scores, fits."""
