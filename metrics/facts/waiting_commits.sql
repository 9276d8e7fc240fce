-- uses: service_catalog
-- A row is one commit of a deployable service's repository that no production deployment has shipped yet. It is no unit
-- of lead time: that ends in production, and a period holds what ended in it.
SELECT DISTINCT s.service, c.repository, c.sha, c.committed_at AS at
FROM commits AS c
JOIN service_catalog AS s ON s.repository = c.repository
WHERE NOT EXISTS (
    SELECT 1 AS found FROM shipped_commits AS d WHERE d.repository = c.repository AND d.sha = c.sha
)
