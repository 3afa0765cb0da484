-- In a transaction of its own: others read and write while all changes are looked at.
-- least code: 21
-- contract: 5cf928d8da41468f6b8cb8d692cc9aa26561927b7e6ed31c6332c6df9c44c741
ALTER TABLE desk.changes VALIDATE CONSTRAINT changes_kind_check;
