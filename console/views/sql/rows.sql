-- Rows that were handed over instead of being read.
SELECT * FROM tieout_rows
