"""What the desks are made of."""
