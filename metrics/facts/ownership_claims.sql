-- A row is one claim that a team owns a service or what is in a repository, since when it is made, and from when to when it
-- counts. A query for the owners of today is given those that stand now, for all time, in place of these (E25).
SELECT team, service, repository, COALESCE(valid_from, TIMESTAMP '1000-01-01 00:00:00') AS claimed_at,
    COALESCE(valid_from, TIMESTAMP '1000-01-01 00:00:00') AS valid_from,
    COALESCE(valid_to, TIMESTAMP '9999-12-31 00:00:00') AS valid_to
FROM ownerships
