"""From official releases to the folder layout that the data sets read."""
