"""`python -m vesseltrack` is the command line."""

from vesseltrack.cli import main

if __name__ == "__main__":
    main()
