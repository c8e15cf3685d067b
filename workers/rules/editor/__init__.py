"""What editors are told of the rule files: JSON Schemas, made of the tables that the loader reads.

Each module is the shadow of those that read the files: names of keys and words come from there,
so that a key that a reader learns is one that editors complete.
"""
