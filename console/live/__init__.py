"""The desk that the screens talk to, over an opened workspace. No Textual here."""
