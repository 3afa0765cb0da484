-- The release before goes on running on a newer schema, so that workers are replaced one after the other: each migration
-- says in its head which code that is (docs/production.md, Upgrade).
ALTER TABLE desk.schema_migrations
ADD COLUMN least_code int CHECK (least_code BETWEEN 21 AND version);
COMMENT ON COLUMN desk.schema_migrations.least_code IS
'Code that knows the migrations up to this one runs on the schema too. Null: only code that knows this very migration does.';
