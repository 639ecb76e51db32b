"""Sphinx configuration."""

from importlib.metadata import version as installed_version

project = "Phaseline"
author = "Phaseline contributors"
copyright = "2026, Phaseline contributors"
version = release = installed_version("phaseline")

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["build"]
nitpicky = True

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = f"Phaseline {release}"
