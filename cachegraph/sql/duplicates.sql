-- Duplicates: specs that look the same but have several hashes.
--
-- For DuckDB 1.1 or newer, over a folder that "cachegraph export FOLDER --format parquet" wrote:
--   SET VARIABLE graph = 'FOLDER';            -- default: the current folder
--   SET VARIABLE stacks = ['develop/e4s'];    -- default: all but those called root
--   SET VARIABLE within = true;               -- only where one stack has several; default: false
WITH member AS (
  SELECT "start" AS key, "end" AS stack
  FROM read_parquet(coalesce(getvariable('graph'), '.') || '/relationships/IN_STACK/part-*.parquet')
  WHERE coalesce(list_contains(getvariable('stacks'), "end"), NOT ends_with("end", '/root'))
),
spec AS (
  SELECT key, alike, package, version
  FROM read_parquet(coalesce(getvariable('graph'), '.') || '/nodes/Spec/part-*.parquet')
  WHERE key IN (SELECT key FROM member)
),
alike AS (
  SELECT alike, package, version, list_sort(list(key)) AS hashes
  FROM spec
  WHERE alike IS NOT NULL
  GROUP BY ALL
  HAVING count(*) > 1
),
held AS (
  SELECT alike, stack, count(*) AS specs
  FROM alike JOIN spec USING (alike) JOIN member USING (key)
  GROUP BY ALL
)
SELECT
  package, version,
  len(hashes) - 1 AS redundant,
  max(specs) AS within,
  list_sort(list(stack)) AS stacks,
  hashes, alike
FROM alike JOIN held USING (alike)
GROUP BY ALL
HAVING max(specs) > 1 OR NOT coalesce(getvariable('within'), false)
ORDER BY redundant DESC, package, version, alike;
