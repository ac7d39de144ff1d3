-- What people chose, rebuilt whole for each (school, person, day).
--
-- A rebuild writes its rows under a new `build` number and then one row here; that one row is what makes it current.
-- Readers go through visits_now and daily_now, so they see the old build or the new one, never both and never half.

CREATE TABLE IF NOT EXISTS visit_builds (
    school LowCardinality(String),
    person_id String,
    day Date,
    build UInt64,
    visits Int64,
    events Int64,
    made_ms Int64
) ENGINE = ReplacingMergeTree(build)
ORDER BY (school, person_id, day)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS visits (
    visit_id String CODEC(ZSTD(1)),
    school LowCardinality(String),
    person_id LowCardinality(String),
    day Date,
    start_ms Int64 CODEC(Delta, ZSTD(1)),
    host LowCardinality(String),
    domain LowCardinality(String),
    path String CODEC(ZSTD(1)),
    category LowCardinality(String),
    purpose LowCardinality(String),
    gravity Int64 CODEC(T64, ZSTD(1)),
    reason LowCardinality(String),
    rule LowCardinality(String),
    list_name LowCardinality(String),
    list_version LowCardinality(String),
    permission_id LowCardinality(Nullable(String)),
    hours LowCardinality(String),
    grade LowCardinality(String),
    method LowCardinality(String),
    device_id LowCardinality(Nullable(String)),
    pulled_in Int64 CODEC(T64, ZSTD(1)),
    lower_s Int64 CODEC(T64, ZSTD(1)),
    upper_s Int64 CODEC(T64, ZSTD(1)),
    session Int64 CODEC(T64, ZSTD(1)),
    search_phrase String CODEC(ZSTD(1)),
    not_inspected LowCardinality(String),
    build UInt64 CODEC(Delta, ZSTD(1))
) ENGINE = MergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (school, person_id, day, start_ms, visit_id)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS daily (
    school LowCardinality(String),
    person_id LowCardinality(String),
    day Date,
    purpose LowCardinality(String),
    category LowCardinality(String),
    permitted UInt8,
    visits Int64,
    lower_s Int64,
    upper_s Int64,
    max_gravity Int64,
    build UInt64
) ENGINE = MergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (school, day, person_id, purpose, category)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE VIEW IF NOT EXISTS visits_now AS
SELECT * EXCEPT (build) FROM visits
WHERE (school, person_id, day, build) IN (
    SELECT school, person_id, day, max(build) FROM visit_builds GROUP BY school, person_id, day
);

CREATE VIEW IF NOT EXISTS daily_now AS
SELECT * EXCEPT (build) FROM daily
WHERE (school, person_id, day, build) IN (
    SELECT school, person_id, day, max(build) FROM visit_builds GROUP BY school, person_id, day
);
