-- Overlap: what two or more stacks share, at each level.
--
-- For DuckDB 1.1 or newer, over a folder that "cachegraph export FOLDER --format parquet" wrote:
--   SET VARIABLE graph = 'FOLDER';                       -- default: the current folder
--   SET VARIABLE stacks = ['develop/e4s', 'develop/hep'];
WITH member AS (
  SELECT "start" AS key, "end" AS stack
  FROM read_parquet(coalesce(getvariable('graph'), '.') || '/relationships/IN_STACK/part-*.parquet')
  WHERE list_contains(getvariable('stacks'), "end")
),
spec AS (
  SELECT stack, key, alike, package, version, variants
  FROM member
  JOIN read_parquet(coalesce(getvariable('graph'), '.') || '/nodes/Spec/part-*.parquet') USING (key)
),
token AS (
  SELECT stack, 1 AS rank, 'hash' AS level, key AS token FROM spec
  UNION ALL
  SELECT stack, 2, 'alike', alike FROM spec
  UNION ALL
  SELECT stack, 3, 'spec', CAST(row(package, version, variants) AS VARCHAR)
  FROM spec WHERE package IS NOT NULL
  UNION ALL
  SELECT stack, 4, 'version', CAST(row(package, version) AS VARCHAR)
  FROM spec WHERE package IS NOT NULL
  UNION ALL
  SELECT stack, 5, 'package', package FROM spec
),
held AS (
  SELECT rank, level, token, count(DISTINCT stack) AS stacks
  FROM token
  WHERE token IS NOT NULL
  GROUP BY ALL
)
SELECT
  level,
  count(*) FILTER (stacks = len(list_distinct(getvariable('stacks')))) AS shared,
  count(*) AS "union",
  round(shared / "union", 4) AS jaccard
FROM held
GROUP BY rank, level
ORDER BY rank;
