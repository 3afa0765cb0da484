"""The news database: the only room that imports psycopg. One file per aggregate."""
