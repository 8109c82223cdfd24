-- Shared: the specs that at least so many stacks hold, with the stacks of each.
--
-- For DuckDB 1.1 or newer, over a folder that "cachegraph export FOLDER --format parquet" wrote:
--   SET VARIABLE graph = 'FOLDER';            -- default: the current folder
--   SET VARIABLE stacks = ['develop/e4s'];    -- default: all but those called root
--   SET VARIABLE at_least = 3;                -- default: 2
WITH held AS (
  SELECT "start" AS key, list_sort(list("end")) AS stacks
  FROM read_parquet(coalesce(getvariable('graph'), '.') || '/relationships/IN_STACK/part-*.parquet')
  WHERE coalesce(list_contains(getvariable('stacks'), "end"), NOT ends_with("end", '/root'))
  GROUP BY key
  HAVING count(*) >= coalesce(getvariable('at_least'), 2)
)
SELECT package, version, key AS hash, stacks
FROM held
JOIN read_parquet(coalesce(getvariable('graph'), '.') || '/nodes/Spec/part-*.parquet') USING (key)
ORDER BY len(stacks) DESC, package, version, hash;
