-- uses: golden_deployments
-- A row is one production deployment that ran; covered: something tells by which path.
SELECT d.service, d.at, d.path IS NOT NULL AS covered FROM golden_deployments AS d
