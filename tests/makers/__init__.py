"""Makers: plain functions that take a session first and make one thing with sensible defaults."""
