"""How lines, matters and outside bodies are spoken, and the other names that people have for a matter."""

from __future__ import annotations

from typing import Any


def up(migrator: Any, db: Any) -> None:
    """Add the columns; ``jiaohao init`` fills them from config.toml."""
    for table, column in (
        ("lines", "spoken"),
        ("matters", "aliases"),
        ("matters", "spoken"),
        ("agencies", "spoken"),
    ):
        db.execute_sql(f"ALTER TABLE {table} ADD COLUMN {column} TEXT NOT NULL DEFAULT '[]'")
