"""What people see and type: the terminal app and its desks, and the commands."""
