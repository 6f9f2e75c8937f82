"""The desks, one file each, and what they ask."""
