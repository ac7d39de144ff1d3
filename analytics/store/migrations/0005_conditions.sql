-- How each gateway stood every few minutes: counts of connections that stayed closed, by reason (never the shield's), and
-- the age of what it goes by. Ages are whole hours; -1 is none.

CREATE TABLE IF NOT EXISTS conditions (
    school LowCardinality(String),
    gateway LowCardinality(String),
    segment Int64,
    seq Int64,
    ts_ms Int64,
    since_ms Int64,
    banking Int64,
    pinned Int64,
    not_enrolled Int64,
    not_told Int64,
    no_sni Int64,
    opaque Int64,
    filter_silent Int64,
    lists_age_hours Int64,
    snapshot_age_hours Int64,
    policy_version LowCardinality(String),
    received_ms Int64
) ENGINE = MergeTree
ORDER BY (school, ts_ms, gateway, segment, seq)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;
