"""``python -m phaseline.engine.warm``: compile the kernels ahead of the first run, saying so."""

from phaseline.engine import is_warm, warm_up


def main() -> None:
    """Say what is done, and do it."""
    if is_warm():
        print("engine: already compiled")
        return
    print("engine: compiling the kernels for this machine (about 40 seconds, once)", flush=True)
    print(f"engine: compiled in {warm_up():.0f} seconds")


if __name__ == "__main__":
    main()
