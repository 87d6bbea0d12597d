"""`python -m runner` is `agent-run`."""

from runner.cli import main

if __name__ == "__main__":
    main()
