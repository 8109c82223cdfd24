-- Dependents: what depends on specs, directly or through others, with the stacks that hold it.
--
-- For DuckDB 1.1 or newer, over a folder that "cachegraph export FOLDER --format parquet" wrote:
--   SET VARIABLE graph = 'FOLDER';               -- default: the current folder
--   SET VARIABLE hashes = ['6s7cgpm'];           -- whole, or the first characters
--   SET VARIABLE deptypes = ['link', 'run'];     -- default: dependencies of every type
WITH RECURSIVE needs AS (
  SELECT "start", "end"
  FROM read_parquet(
    coalesce(getvariable('graph'), '.') || '/relationships/DEPENDS_ON/part-*.parquet'
  )
  WHERE coalesce(list_has_any(deptypes, getvariable('deptypes')), getvariable('deptypes') IS NULL)
),
spec AS (
  SELECT key, package, version
  FROM read_parquet(coalesce(getvariable('graph'), '.') || '/nodes/Spec/part-*.parquet')
),
asked AS (
  SELECT key
  FROM spec
  JOIN unnest(
    coalesce(getvariable('hashes'), error('which specs? SET VARIABLE hashes = [...]'))
  ) AS given(hash) ON starts_with(key, hash)
),
-- UNION, not UNION ALL: each spec is reached once, however many paths lead to it.
dependent AS (
  SELECT "start" AS key FROM needs JOIN asked ON "end" = key
  UNION
  SELECT "start" FROM dependent JOIN needs ON "end" = key
),
held AS (
  SELECT "start" AS key, list_sort(list("end")) AS stacks
  FROM read_parquet(coalesce(getvariable('graph'), '.') || '/relationships/IN_STACK/part-*.parquet')
  WHERE "start" IN (SELECT key FROM dependent)
  GROUP BY key
)
SELECT
  package, version, key AS hash,
  key IN (SELECT "start" FROM needs JOIN asked ON "end" = key) AS direct,
  coalesce(stacks, []) AS stacks
FROM dependent
JOIN spec USING (key)
LEFT JOIN held USING (key)
WHERE key NOT IN (SELECT key FROM asked)
ORDER BY package, version, hash;
