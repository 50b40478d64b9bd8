"""A stand-in for one NetSuite account: books, record service, SuiteQL, both ways of authentication.

It is built from the vendor's contract alone and shares no code with the connector.
"""
