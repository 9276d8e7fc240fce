-- uses: tree_recoveries, friction_attempts
-- A row is one failed attempt of which the same workflow turned green later on the same tree, and the span between:
-- nothing was wrong. On a default branch it is a red branch instead.
SELECT 'flaky_reruns' AS kind, 'attempt' AS unit, f.source, f.id, a.subject, a.pipeline, a.service, a.team, a.template,
    a.author,
    f.failed_at AS span_from, f.passed_at AS span_to
FROM tree_recoveries AS f
JOIN friction_attempts AS a ON a.source = f.source AND a.id = f.id
WHERE a.branch_kind <> 'default'
