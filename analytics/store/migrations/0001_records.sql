-- What the gateway records, column for column, so that a record's canonical form and leaf hash can be made again.
--
-- Integers are Int64 throughout: a record may hold any whole number of 53 bits, and one that did not fit would either
-- be changed or stop the loader. The codec T64 drops the bits that are never used. Times are kept as the very
-- milliseconds that were recorded and hashed; `day`, the London date, is made from them for ordering and partitions.
-- LowCardinality is for text that repeats. Duplicates are dropped by insert_deduplication_token, which needs the window
-- (its default 0 makes tokens do nothing); whatever slips through is dropped by the *_once views, by identity.

CREATE TABLE IF NOT EXISTS events (
    event_id String CODEC(ZSTD(1)),
    school LowCardinality(String),
    gateway LowCardinality(String),
    segment Int64 CODEC(Delta, ZSTD(1)),
    seq Int64 CODEC(Delta, ZSTD(1)),
    ts_ms Int64 CODEC(Delta, ZSTD(1)),
    duration_ms Int64 CODEC(T64, ZSTD(1)),
    person_id LowCardinality(Nullable(String)),
    attribution_method LowCardinality(String),
    attribution_grade LowCardinality(String),
    binding_id LowCardinality(Nullable(String)),
    binding_from_ms Int64 CODEC(Delta, ZSTD(1)),
    device_id LowCardinality(Nullable(String)),
    client_ip LowCardinality(String),
    method LowCardinality(String),
    scheme LowCardinality(String),
    host LowCardinality(String),
    port Int64 CODEC(T64, ZSTD(1)),
    domain LowCardinality(String),
    path String CODEC(ZSTD(1)),
    search_phrase String CODEC(ZSTD(1)),
    status Int64 CODEC(T64, ZSTD(1)),
    content_type LowCardinality(String),
    bytes_up Int64 CODEC(T64, ZSTD(1)),
    bytes_down Int64 CODEC(T64, ZSTD(1)),
    kind LowCardinality(String),
    kind_confidence Int64 CODEC(T64, ZSTD(1)),
    kind_reason LowCardinality(String),
    initiator_host LowCardinality(String),
    category LowCardinality(String),
    purpose LowCardinality(String),
    gravity Int64 CODEC(T64, ZSTD(1)),
    rule LowCardinality(String),
    list_name LowCardinality(String),
    list_version LowCardinality(String),
    policy_version LowCardinality(String),
    reason LowCardinality(String),
    permission_id LowCardinality(Nullable(String)),
    hours LowCardinality(String),
    upload Bool,
    media Bool,
    not_inspected LowCardinality(String),
    received_ms Int64 CODEC(Delta, ZSTD(1)),
    day Date MATERIALIZED toDate(toDateTime(intDiv(least(greatest(ts_ms, 0), 4102444800000), 1000), 'Europe/London'))
) ENGINE = MergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (school, person_id, day, ts_ms, event_id)
SETTINGS allow_nullable_key = 1, non_replicated_deduplication_window = 10000,
    fsync_after_insert = 1, fsync_part_directory = 1;

-- `source_offset` tells gaps the loader noted (byte offset in the segment) from those the gateway recorded (-1).
CREATE TABLE IF NOT EXISTS gaps (
    school LowCardinality(String),
    gateway LowCardinality(String),
    segment Int64,
    seq Int64,
    ts_ms Int64,
    reason LowCardinality(String),
    from_ms Int64,
    to_ms Int64,
    count Int64,
    source_offset Int64,
    received_ms Int64
) ENGINE = MergeTree
ORDER BY (school, ts_ms, gateway, segment, seq, source_offset)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS shield_counts (
    school LowCardinality(String),
    gateway LowCardinality(String),
    segment Int64,
    seq Int64,
    ts_ms Int64,
    hour_ms Int64,
    count Int64,
    received_ms Int64
) ENGINE = MergeTree
ORDER BY (school, hour_ms, gateway, segment, seq)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS heartbeats (
    school LowCardinality(String),
    gateway LowCardinality(String),
    segment Int64,
    seq Int64,
    ts_ms Int64,
    since_ms Int64,
    requests Int64,
    passed_through Int64,
    untold Int64,
    dropped Int64,
    hook_errors Int64,
    policy_version LowCardinality(String),
    software LowCardinality(String),
    received_ms Int64
) ENGINE = MergeTree
ORDER BY (school, ts_ms, gateway, segment, seq)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

-- One row a sealed segment. `leaves` are the hex leaf hashes in order: they outlive the rows they were made from.
CREATE TABLE IF NOT EXISTS seals (
    school LowCardinality(String),
    gateway LowCardinality(String),
    segment Int64,
    count Int64,
    first_ms Int64,
    last_ms Int64,
    root String,
    previous String,
    key_id LowCardinality(String),
    demonstration Bool,
    closed_ms Int64,
    public_key LowCardinality(String),
    signature String,
    leaves Array(String) CODEC(ZSTD(1)),
    received_ms Int64
) ENGINE = MergeTree
ORDER BY (school, gateway, segment)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE VIEW IF NOT EXISTS gaps_once AS
SELECT * FROM gaps LIMIT 1 BY school, gateway, segment, seq, source_offset, reason;

CREATE VIEW IF NOT EXISTS shield_counts_once AS
SELECT * FROM shield_counts LIMIT 1 BY school, gateway, segment, seq;

CREATE VIEW IF NOT EXISTS heartbeats_once AS
SELECT * FROM heartbeats LIMIT 1 BY school, gateway, segment, seq;

CREATE VIEW IF NOT EXISTS seals_once AS
SELECT * FROM seals LIMIT 1 BY school, gateway, segment, signature;

-- An event is itself once, however often it was sent: every page, count and bundle reads through here.
CREATE VIEW IF NOT EXISTS events_once AS
SELECT *, day FROM events LIMIT 1 BY school, person_id, day, ts_ms, event_id;
