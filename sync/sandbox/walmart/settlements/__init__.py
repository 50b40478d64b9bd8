"""The recon report (v1, v0) and the payment statement, from one ledger that always foots."""
