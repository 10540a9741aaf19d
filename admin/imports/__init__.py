"""Imports: public registers and price lists, read strictly, taken in batches, every refused row reported."""
