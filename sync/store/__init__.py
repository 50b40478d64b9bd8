"""One opened database file: who may open it, its migrations, and the stores that live in it."""
