"""The member's door."""
