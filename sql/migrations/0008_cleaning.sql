-- Cleaning within limits: an entry, or its page, may take too much. The rows that are there fit; 0009 looks at them.
ALTER TABLE desk.quarantine
DROP CONSTRAINT quarantine_reason_fits_kind,
ADD CONSTRAINT quarantine_reason_fits_kind CHECK (
    (kind = 'payload' AND reason IN (
        'empty', 'html_not_feed', 'not_a_feed', 'malformed', 'parser_failed', 'too_many_items', 'too_deep', 'too_costly'
    ))
    OR (kind = 'entry' AND reason IN (
        'no_identity', 'empty', 'too_large', 'too_deep', 'parser_failed', 'clean_failed', 'too_costly'
    ))
) NOT VALID;
