"""Settings of the documentation's site, which ``make docs`` builds with Sphinx."""

from mmaux.version import __version__

project = "mmaux"
author = "the mmaux authors"
copyright = author
release = __version__
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.mathjax",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
]
root_doc = "index"
html_theme = "furo"
html_title = f"mmaux {release}"
exclude_patterns = ["_build"]

# Headings are addressed as on GitHub, where the same files are read.
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence", "dollarmath"]

autodoc_default_options = {"members": True, "show-inheritance": True, "member-order": "bysource"}
autodoc_typehints = "description"
autodoc_class_signature = "separated"
napoleon_use_ivar = True
napoleon_use_rtype = False
