-- Overlap: what two or more stacks share, at each level.
--
-- For DuckDB 1.1 or newer, over a folder that "cachegraph export FOLDER --format parquet" wrote:
--   SET VARIABLE graph = 'FOLDER';                       -- default: the current folder
--   SET VARIABLE stacks = ['develop/e4s', 'develop/hep'];
WITH asked AS (
  SELECT DISTINCT stack
  FROM unnest(
    coalesce(getvariable('stacks'), error('which stacks? SET VARIABLE stacks = [...]'))
  ) AS given(stack)
),
member AS (
  SELECT "start" AS key, "end" AS stack
  FROM read_parquet(coalesce(getvariable('graph'), '.') || '/relationships/IN_STACK/part-*.parquet')
  WHERE "end" IN (SELECT stack FROM asked)
),
spec AS (
  SELECT stack, key, alike, package, version, variants
  FROM member
  JOIN read_parquet(coalesce(getvariable('graph'), '.') || '/nodes/Spec/part-*.parquet') USING (key)
),
level(rank, level) AS (
  VALUES (1, 'hash'), (2, 'alike'), (3, 'spec'), (4, 'version'), (5, 'package')
),
token AS (
  SELECT stack, 'hash' AS level, key AS token FROM spec
  UNION ALL
  SELECT stack, 'alike', alike FROM spec
  UNION ALL
  SELECT stack, 'spec', CAST(row(package, version, variants) AS VARCHAR)
  FROM spec WHERE package IS NOT NULL
  UNION ALL
  SELECT stack, 'version', CAST(row(package, version) AS VARCHAR)
  FROM spec WHERE package IS NOT NULL
  UNION ALL
  SELECT stack, 'package', package FROM spec
),
held AS (
  SELECT level, token, count(DISTINCT stack) AS stacks
  FROM token
  WHERE token IS NOT NULL
  GROUP BY ALL
)
SELECT
  level,
  count(*) FILTER (stacks = (SELECT count(*) FROM asked)) AS shared,
  count(stacks) AS "union",
  -- To four places as Python rounds; 0 for stacks without specs.
  CAST(format('{:.4f}', coalesce(shared / nullif("union", 0), 0)) AS DOUBLE) AS jaccard
FROM level LEFT JOIN held USING (level)
GROUP BY rank, level
ORDER BY rank;
