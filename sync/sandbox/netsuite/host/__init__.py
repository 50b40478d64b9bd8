"""NetSuite's host names on loopback: proxy, TLS with a test authority, the framing of requests."""
