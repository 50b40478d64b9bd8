"""Who we are to NetSuite: the account, both logins, and one account ready to be asked."""
