"""One machine: embedded Postgres, the supervisor, the sample wire. Production needs none of it."""
