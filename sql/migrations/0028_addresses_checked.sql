-- In a transaction of its own: others read and write while all wordings are looked at.
-- least code: 21
-- contract: 78269a2664f7818a2328a48fcef32ed97507c6a352a107fa66ee8bbee38c5a08
ALTER TABLE desk.revisions VALIDATE CONSTRAINT revisions_address_is_short;
