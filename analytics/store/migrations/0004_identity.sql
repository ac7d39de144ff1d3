-- What `fairgate identity` records: who was where when, who was told, what is let through unopened, and ways round the
-- gateway that the network refused. One row a change, column for column as recorded; a row that was sent twice is told
-- from others by gateway, segment, seq and ts_ms.

CREATE TABLE IF NOT EXISTS bindings (
    school LowCardinality(String),
    gateway LowCardinality(String),
    segment Int64,
    seq Int64,
    ts_ms Int64,
    binding_id String,
    step LowCardinality(String),
    source LowCardinality(String),
    person_id LowCardinality(String),
    device_id LowCardinality(String),
    client_ip LowCardinality(String),
    mac LowCardinality(String),
    from_ms Int64,
    until_ms Int64,
    received_ms Int64
) ENGINE = MergeTree
ORDER BY (school, ts_ms, gateway, segment, seq)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS acknowledgements (
    school LowCardinality(String),
    gateway LowCardinality(String),
    segment Int64,
    seq Int64,
    ts_ms Int64,
    person_id LowCardinality(String),
    notice_version LowCardinality(String),
    how LowCardinality(String),
    device_id LowCardinality(String),
    reminder Int64,
    received_ms Int64
) ENGINE = MergeTree
ORDER BY (school, ts_ms, gateway, segment, seq)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS pins (
    school LowCardinality(String),
    gateway LowCardinality(String),
    segment Int64,
    seq Int64,
    ts_ms Int64,
    step LowCardinality(String),
    device_id LowCardinality(String),
    client_ip LowCardinality(String),
    host LowCardinality(String),
    refusals Int64,
    until_ms Int64,
    received_ms Int64
) ENGINE = MergeTree
ORDER BY (school, ts_ms, gateway, segment, seq)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS attempts (
    school LowCardinality(String),
    gateway LowCardinality(String),
    segment Int64,
    seq Int64,
    ts_ms Int64,
    since_ms Int64,
    quic Int64,
    dot Int64,
    doh Int64,
    received_ms Int64
) ENGINE = MergeTree
ORDER BY (school, ts_ms, gateway, segment, seq)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;
