"""``python -m phaseline``."""

from phaseline.cli import main

if __name__ == "__main__":
    main()
