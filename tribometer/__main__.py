"""``python -m tribometer`` is the same as the ``tribometer`` command."""

from tribometer.service.cli import main

if __name__ == "__main__":
    main()
