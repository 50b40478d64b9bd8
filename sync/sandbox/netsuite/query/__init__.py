"""SuiteQL over the company's books: its tables, their rows, the service that is asked."""
