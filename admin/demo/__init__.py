"""The demo: a season lived through the shop's own pages by a cast of people, for newcomers and for tests."""
