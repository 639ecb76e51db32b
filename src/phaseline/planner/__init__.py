"""When to start, with what help: start-time curves, search over plans, prices of relief."""
