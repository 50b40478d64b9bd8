"""Reports on request: ask, poll, fetch the document, read its rows; subjects name which report and what it says."""
