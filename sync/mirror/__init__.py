"""The local copy of what the vendors said: documents, versions, coverage, call log, archived pages."""
