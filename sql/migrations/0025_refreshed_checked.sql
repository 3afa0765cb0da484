-- In a transaction of its own: others read and write while all changes are looked at.
-- least code: 21
ALTER TABLE desk.changes VALIDATE CONSTRAINT changes_kind_check;
