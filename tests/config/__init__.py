"""What the school decides, read and refused."""
