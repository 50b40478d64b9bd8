"""The streams: documents, masters and relations by what changed, small lists whole."""
