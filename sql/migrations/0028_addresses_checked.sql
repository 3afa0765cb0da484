-- In a transaction of its own: others read and write while all wordings are looked at.
-- least code: 21
-- contract: 591c74bd207d7dff965a053c9cf0d27658c26ec363f8ecfe2722caa844f7342c
ALTER TABLE desk.revisions VALIDATE CONSTRAINT revisions_address_is_short;
