-- An article that was at another address before must not come back there once it is forgotten.
-- least code: 21
ALTER TABLE desk.revisions
ADD COLUMN url_key text,
ADD CONSTRAINT revisions_address_is_short CHECK (octet_length(url_key) BETWEEN 1 AND 1024) NOT VALID;
COMMENT ON COLUMN desk.revisions.url_key IS 'Where the article was in this wording. Null: not kept at that time.';
