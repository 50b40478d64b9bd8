"""Reports 2021-06-30: asked for or scheduled, their documents, and what stands in each type."""
