-- Athena over the nights in EvidenceBucket. In Athena's editor choose a database, put your bucket in the place of BUCKET, and run one statement
-- at a time, down to the view; below it are questions. All columns are text in the table, and have their types in the view.
--
-- https://docs.aws.amazon.com/athena/latest/ug/csv-serde.html, https://docs.aws.amazon.com/athena/latest/ug/partition-projection.html

CREATE EXTERNAL TABLE night_one_rows (
  night string,
  reported_at string,
  account string,
  account_name string,
  region string,
  resource_arn string,
  resource_name string,
  resource_type string,
  leg string,
  vault_arn string,
  plan string,
  verdict string,
  reason string,
  root_cause_id string,
  last_good string,
  last_good_before string,
  age_s string,
  objective_s string,
  breaches_at string,
  runs_missed string,
  job_id string,
  recovery_point_arn string,
  recovery_point string,
  failed_job_id string,
  restore string,
  restored_at string,
  nights string,
  owner string,
  owner_from string,
  exception string,
  accepted_until string,
  accepted_because string,
  verdict_otherwise string,
  wrong_tags string,
  objective_tag string,
  took_s string,
  median_s string,
  p95_s string
)
PARTITIONED BY (folder string)
ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'
-- A name may hold a backslash, which is the serde's own way out.
WITH SERDEPROPERTIES ('separatorChar' = ',', 'quoteChar' = '"', 'escapeChar' = '\u0001')
LOCATION 's3://BUCKET/nights/'
TBLPROPERTIES (
  'skip.header.line.count' = '1',
  'projection.enabled' = 'true',
  'projection.folder.type' = 'date',
  'projection.folder.format' = 'yyyy-MM-dd',
  'projection.folder.range' = '2026-01-01,NOW',
  'storage.location.template' = 's3://BUCKET/nights/${folder}/'
);

-- The folder of a night holds more than the table: only rows.csv is read, and its further parts where there are more than 20,000 rows. With one
-- account that is the file of the night. With more, each account has a file of its own below it: then put [0-9]{12}/ in front of "rows".
CREATE OR REPLACE VIEW night_one AS
SELECT
  CAST(folder AS date) AS night,
  from_iso8601_timestamp(reported_at) AS reported_at,
  account, account_name, region, resource_arn, resource_name, resource_type, leg, vault_arn, plan, verdict, reason, root_cause_id,
  TRY(from_iso8601_timestamp(last_good)) AS last_good,
  TRY(from_iso8601_timestamp(last_good_before)) AS last_good_before,
  TRY_CAST(age_s AS bigint) AS age_s,
  TRY_CAST(objective_s AS bigint) AS objective_s,
  TRY(from_iso8601_timestamp(breaches_at)) AS breaches_at,
  TRY_CAST(runs_missed AS bigint) AS runs_missed,
  job_id, recovery_point_arn, recovery_point, failed_job_id, restore, TRY(from_iso8601_timestamp(restored_at)) AS restored_at, nights,
  owner, owner_from, exception, TRY_CAST(accepted_until AS date) AS accepted_until, accepted_because, verdict_otherwise, wrong_tags, objective_tag,
  TRY_CAST(took_s AS bigint) AS took_s, TRY_CAST(median_s AS bigint) AS median_s, TRY_CAST(p95_s AS bigint) AS p95_s
FROM night_one_rows
WHERE regexp_like("$path", '/nights/[0-9-]{10}/rows(-[0-9]+)?\.csv$')
  -- The last line of a file that does not hold all rows: it says how many there are beside it.
  AND verdict <> 'left-out';

-- Which jobs prove the backups of one resource in June, and on which nights was there none?
SELECT night, verdict, job_id, recovery_point_arn, last_good, substr(nights, 30, 1) AS this_night
FROM night_one
WHERE resource_name = 'orders' AND leg = 'backup' AND night BETWEEN date '2027-06-01' AND date '2027-06-30'
ORDER BY night, vault_arn;

-- What was past its objective, on how many nights, and of which causes?
SELECT account, region, resource_arn, vault_arn, count(*) AS nights_past, max(age_s) / 3600 AS worst_h, array_agg(DISTINCT root_cause_id) AS causes
FROM night_one
WHERE verdict IN ('in-breach', 'never-backed-up', 'no-plan', 'no-recovery-point-left', 'only-incomplete', 'infected') AND night > current_date - interval '30' day
GROUP BY account, region, resource_arn, vault_arn
ORDER BY nights_past DESC, worst_h DESC;

-- How many rows were within their objective, night by night?
SELECT night, count_if(verdict = 'within-objective') AS within, count_if(verdict <> 'left-out') AS all_rows
FROM night_one
WHERE night > current_date - interval '90' day
GROUP BY night
ORDER BY night;

-- What was not assessed last night, and why?
SELECT reason, count(*) AS number, array_agg(resource_arn) AS resources
FROM night_one
WHERE verdict = 'not-assessed' AND night = (SELECT max(night) FROM night_one WHERE night > current_date - interval '7' day)
GROUP BY reason
ORDER BY number DESC;

-- Which recovery points are gone or no good, of those that were looked for?
SELECT night, account, region, resource_arn, vault_arn, recovery_point_arn, recovery_point
FROM night_one
WHERE recovery_point IN ('gone', 'only older', 'only incomplete', 'infected') AND night > current_date - interval '30' day
ORDER BY night DESC;
