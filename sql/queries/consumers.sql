-- name: select_position
SELECT position FROM news_v1.consumer_lag WHERE consumer = %(consumer)s;

-- name: confirm_position
SELECT news_v1.confirm_position(%(consumer)s, %(position)s, %(may_go_back)s) AS position;

-- name: changes_since
SELECT * FROM news_v1.changes_since(%(position)s, %(most)s);

-- name: listen
LISTEN wiredesk_changes;
