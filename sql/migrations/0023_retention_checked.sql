-- In a transaction of its own: others read and write while all articles are looked at.
-- least code: 21
ALTER TABLE desk.articles VALIDATE CONSTRAINT articles_keep_the_present_wording;
