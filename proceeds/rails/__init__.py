"""The ways money leaves: a signed sheet of cash, a file for the bank and its answer."""
