-- What tells of a visit that it was chosen and how sure that is; what the site answered; and until when its page went on
-- fetching by itself, which shows that it was looked at briefly and then left open. Visits built before say nothing of it.

ALTER TABLE visits ADD COLUMN IF NOT EXISTS status Int64 DEFAULT 0 CODEC(T64, ZSTD(1)) AFTER path;

ALTER TABLE visits ADD COLUMN IF NOT EXISTS kind_reason LowCardinality(String) DEFAULT '' AFTER method;

ALTER TABLE visits ADD COLUMN IF NOT EXISTS kind_confidence Int64 DEFAULT 0 CODEC(T64, ZSTD(1)) AFTER kind_reason;

ALTER TABLE visits ADD COLUMN IF NOT EXISTS fetched_until_ms Int64 DEFAULT start_ms CODEC(Delta, ZSTD(1)) AFTER pulled_in;

CREATE OR REPLACE VIEW visits_now AS
SELECT * EXCEPT (build) FROM visits
WHERE (school, person_id, day, build) IN (
    SELECT school, person_id, day, max(build) FROM visit_builds GROUP BY school, person_id, day
);
