-- The rows that were there before 0006 fit its CHECKs. Others read and write while this looks.
ALTER TABLE desk.fetches VALIDATE CONSTRAINT fetches_body_is_counted;
ALTER TABLE desk.fetches VALIDATE CONSTRAINT fetches_alarms_are_known;
ALTER TABLE desk.fetches VALIDATE CONSTRAINT fetches_kind_check;
ALTER TABLE desk.fetches VALIDATE CONSTRAINT fetches_reason_fits_outcome;
ALTER TABLE desk.entries VALIDATE CONSTRAINT entries_item_digest_is_sha256;
ALTER TABLE desk.payloads VALIDATE CONSTRAINT payloads_body_is_there_or_expired;
ALTER TABLE desk.quarantine VALIDATE CONSTRAINT quarantine_reason_fits_kind;
