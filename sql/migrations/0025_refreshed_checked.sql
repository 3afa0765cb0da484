-- In a transaction of its own: others read and write while all changes are looked at.
-- least code: 21
-- contract: 4062aa68bfe84738e9b8f11d14e2ba9aed63e9380598279f254b3eab05557830
ALTER TABLE desk.changes VALIDATE CONSTRAINT changes_kind_check;
