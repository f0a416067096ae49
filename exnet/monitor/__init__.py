"""Failure signatures: figures by level for every epoch, and the place of the first number that is not finite."""
