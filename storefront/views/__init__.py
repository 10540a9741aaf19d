"""The buyer's door."""
