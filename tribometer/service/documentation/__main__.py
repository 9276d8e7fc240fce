"""``python -m tribometer.service.documentation FOLDER`` writes the reference pages."""

from argparse import ArgumentParser
from pathlib import Path

from tribometer.service.documentation import write

if __name__ == "__main__":
    parser = ArgumentParser(description="Write the reference pages, made from the program.")
    parser.add_argument("folder", type=Path, help="where they go; pages that are there are replaced")
    write(parser.parse_args().folder)
