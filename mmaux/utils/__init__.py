"""Files, optional dependencies and checkpoint reports; import the module that is needed."""
