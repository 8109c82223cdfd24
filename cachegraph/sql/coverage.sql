-- Coverage: how many specs of each package stacks have, by target, os, compiler, platform or stack.
--
-- For DuckDB 1.1 or newer, over a folder that "cachegraph export FOLDER --format parquet" wrote:
--   SET VARIABLE graph = 'FOLDER';            -- default: the current folder
--   SET VARIABLE stacks = ['develop/e4s'];    -- default: all but those called root
--   SET VARIABLE "by" = 'os';                 -- default: target
WITH member AS (
  SELECT "start" AS key, "end" AS stack
  FROM read_parquet(coalesce(getvariable('graph'), '.') || '/relationships/IN_STACK/part-*.parquet')
  WHERE coalesce(list_contains(getvariable('stacks'), "end"), NOT ends_with("end", '/root'))
)
SELECT
  package,
  CASE coalesce(getvariable('by'), 'target')
    WHEN 'target' THEN target
    WHEN 'os' THEN os
    WHEN 'compiler' THEN compiler
    WHEN 'platform' THEN platform
    WHEN 'stack' THEN stack
    ELSE error('no coverage by ' || getvariable('by'))
  END AS value,
  count(DISTINCT key) AS specs
FROM member
JOIN read_parquet(coalesce(getvariable('graph'), '.') || '/nodes/Spec/part-*.parquet') USING (key)
WHERE package IS NOT NULL
GROUP BY ALL
ORDER BY package, value;
