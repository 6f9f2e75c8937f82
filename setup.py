"""Compiles the translations while the package is built; everything else stands in pyproject.toml."""

from __future__ import annotations

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

LOCALE = Path(__file__).parent / "queue" / "locale"


def compile_catalogs() -> None:
    """Write beside each .po the .mo that the program reads."""
    # Whoever only asks for the project's metadata needs no Babel.
    from babel.messages.mofile import write_mo  # noqa: PLC0415
    from babel.messages.pofile import read_po  # noqa: PLC0415

    for source in LOCALE.glob("*/LC_MESSAGES/*.po"):
        with source.open("rb") as file:
            catalog = read_po(file, locale=source.parts[-3], abort_invalid=True)
        with source.with_suffix(".mo").open("wb") as file:
            write_mo(file, catalog)


class BuildWithCatalogs(build_py):
    """Also compiles the catalogs, into the sources: an editable install reads them from there."""

    def run(self) -> None:
        """Compile first, so that the package data finds what was compiled."""
        compile_catalogs()
        super().run()


setup(cmdclass={"build_py": BuildWithCatalogs})
