"""What the hall remembers: tables, transactions, the change feed, migrations, backup."""
