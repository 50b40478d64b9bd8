"""Reading by SuiteQL: select lists, columns that an account has, pages in the order of keys, typed rows."""
