"""Numbered steps from an empty database to the present one; each is applied once, in order."""
