/** The shape of dbt_project.yml, as dbt-core 1.11 accepts it (hyphens and underscores are not interchangeable there). */
import * as v from 'valibot';
import { Float, floatRepr } from '../jinja/values/float.js';
import { flag, map, number, object, openObject, text } from './check.js';
import type { YamlValue } from './project.js';

/** Names that a project can not have: they are names of the Jinja context. */
const RESERVED = new Set(
  (
    '_sql_results adapter api column config context database env env_var exceptions execute flags fromjson fromyaml ' +
    'graph invocation_id load_agate_table load_result log model modules post_hooks pre_hooks ref render return ' +
    'run_started_at schema source sql sql_now store_result store_raw_result target this tojson toyaml ' +
    'try_or_compiler_error var write'
  ).split(' '),
);

const VERSION =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)(\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?)?$/;

const name = v.pipe(
  text(),
  v.regex(/^[\p{L}_][\p{L}\p{N}_]*$/u, 'a project name has letters, digits and _ only, and starts with no digit'),
  v.check((value) => !RESERVED.has(value), 'this name is reserved for the Jinja context; choose another one'),
);

const paths = v.nullish(v.array(text(), 'expected a list of paths'));
const statements = v.nullish(v.array(text(), 'expected a list of SQL texts'));
const section = v.optional(map());

export const projectSchema = object({
  name,
  'config-version': v.nullish(number()),
  version: v.nullish(
    v.custom<YamlValue>(
      (value) => VERSION.test(value instanceof Float ? floatRepr(value.value) : String(value)),
      "expected a version of two or three numbers, such as '1.0' or '1.0.0'",
    ),
  ),
  'project-root': v.nullish(text()),
  'source-paths': paths,
  'model-paths': paths,
  'macro-paths': paths,
  'data-paths': paths,
  'seed-paths': paths,
  'test-paths': paths,
  'analysis-paths': paths,
  'docs-paths': paths,
  'asset-paths': paths,
  'function-paths': paths,
  'snapshot-paths': paths,
  'target-path': v.nullish(text()),
  'log-path': v.nullish(text()),
  'clean-targets': paths,
  'packages-install-path': v.nullish(text()),
  profile: v.nullish(text()),
  quoting: v.nullish(
    object({
      database: v.nullish(flag()),
      schema: v.nullish(flag()),
      identifier: v.nullish(flag()),
      project: v.nullish(flag()),
      snowflake_ignore_case: v.nullish(flag()),
    }),
  ),
  'on-run-start': statements,
  'on-run-end': statements,
  'require-dbt-version': v.nullish(
    v.union([v.string(), v.array(text())], 'expected a version range or a list of them'),
  ),
  dispatch: v.optional(
    v.array(
      openObject({
        macro_namespace: text(),
        search_order: v.array(text(), 'expected a list of package names'),
      }),
      'expected a list',
    ),
  ),
  models: section,
  seeds: section,
  snapshots: section,
  analyses: section,
  sources: section,
  tests: section,
  data_tests: section,
  unit_tests: section,
  metrics: section,
  'semantic-models': section,
  'saved-queries': section,
  exposures: section,
  functions: section,
  vars: v.nullish(map()),
  packages: v.optional(v.array(v.any(), 'expected a list')),
  'query-comment': v.nullish(
    v.union(
      [
        v.string(),
        object({
          comment: v.nullish(text()),
          append: v.optional(flag()),
          'job-label': v.optional(flag()),
          job_label: v.optional(flag()),
        }),
      ],
      'expected a text, or a map with comment and append',
    ),
  ),
  'restrict-access': v.optional(flag()),
  'dbt-cloud': v.nullish(map()),
  flags: v.optional(map()),
});
