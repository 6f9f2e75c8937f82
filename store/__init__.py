"""What the hall remembers: tables, transactions, the change feed, migrations, backup."""

import sys

# peewee loads psycopg wherever it is installed: longer than all the rest of a command, 7 MB of each terminal.
# A hall in a file needs none of it, and ``servers.py`` loads it by itself.
_LOADED = sys.modules.get("psycopg")
sys.modules["psycopg"] = None  # type: ignore[assignment]  # the way to make an import fail
import peewee  # noqa: E402, F401

if _LOADED is None:
    del sys.modules["psycopg"]
else:
    sys.modules["psycopg"] = _LOADED
