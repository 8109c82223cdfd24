-- Matrix: how much every pair of stacks shares.
--
-- For DuckDB 1.1 or newer, over a folder that "cachegraph export FOLDER --format parquet" wrote:
--   SET VARIABLE graph = 'FOLDER';            -- default: the current folder
--   SET VARIABLE stacks = ['develop/e4s'];    -- default: all but those called root
--   SET VARIABLE level = 'package';           -- hash (default), alike, spec, version, package
WITH asked AS (
  SELECT key AS stack
  FROM read_parquet(coalesce(getvariable('graph'), '.') || '/nodes/Stack/part-*.parquet')
  WHERE coalesce(list_contains(getvariable('stacks'), key), NOT ends_with(key, '/root'))
),
member AS (
  SELECT "start" AS key, "end" AS stack
  FROM read_parquet(coalesce(getvariable('graph'), '.') || '/relationships/IN_STACK/part-*.parquet')
  WHERE "end" IN (SELECT stack FROM asked)
),
token AS (
  SELECT DISTINCT
    stack,
    CASE coalesce(getvariable('level'), 'hash')
      WHEN 'hash' THEN key
      WHEN 'alike' THEN alike
      -- A spec of an unknown package equals no other.
      WHEN 'spec' THEN if(package IS NULL, NULL, CAST(row(package, version, variants) AS VARCHAR))
      WHEN 'version' THEN if(package IS NULL, NULL, CAST(row(package, version) AS VARCHAR))
      WHEN 'package' THEN package
      ELSE error('no such level: ' || getvariable('level'))
    END AS token
  FROM member
  JOIN read_parquet(coalesce(getvariable('graph'), '.') || '/nodes/Spec/part-*.parquet') USING (key)
),
size AS (
  SELECT stack, count(token) AS tokens FROM asked LEFT JOIN token USING (stack) GROUP BY stack
),
pair AS (
  SELECT a.stack AS "left", b.stack AS "right", count(*) AS shared
  FROM token AS a JOIN token AS b USING (token)
  GROUP BY ALL
)
SELECT
  a.stack AS "left",
  b.stack AS "right",
  coalesce(shared, 0) AS shared,
  -- To four places as Python rounds; 0 for stacks that share nothing.
  CAST(format('{:.4f}', coalesce(shared / (a.tokens + b.tokens - shared), 0)) AS DOUBLE) AS jaccard
FROM size AS a
CROSS JOIN size AS b
LEFT JOIN pair ON "left" = a.stack AND "right" = b.stack
ORDER BY ALL;
