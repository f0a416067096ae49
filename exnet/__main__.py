"""`python -m exnet` is `exnet`."""

from exnet.cli.app import main

if __name__ == "__main__":
    main()
