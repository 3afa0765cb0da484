-- In a transaction of its own: others read and write while all articles are looked at.
-- least code: 21
-- contract: 9d7c4da5b8aa73eee12b5748a249ef9c111cfeebe9ac4431a609999ba6e4cc9c
ALTER TABLE desk.articles VALIDATE CONSTRAINT articles_keep_the_present_wording;
