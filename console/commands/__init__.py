"""Headless actions: what the command line, the owner's socket and the screens run. Nothing here knows Textual."""
