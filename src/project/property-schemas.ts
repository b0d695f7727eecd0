/** The shapes of entries in properties YAML, by section, as dbt-core 1.11 knows them. */
import * as v from 'valibot';
import { flag, integer, map, number, object, openObject, text } from './check.js';

const config = v.optional(map());
const description = v.optional(text());
const meta = v.optional(map());
const list = () => v.array(v.any(), 'expected a list');
const texts = () => v.array(text(), 'expected a list of texts');
const tags = v.optional(v.union([v.string(), texts()], 'expected a text or a list of texts'));
const docs = v.optional(map());
const maps = () => v.array(map(), 'expected a list of maps');
const tests = v.optional(
  v.array(
    v.union([v.string(), map()], 'a test is a name, or a map with its name as the key'),
    'expected a list of tests',
  ),
);
const version = () => v.union([v.string(), number()], 'expected a number or a text');
const quoting = v.optional(map());
const optional = { text: () => v.nullish(text()), flag: () => v.nullish(flag()) };

const column = object({
  name: text(),
  description,
  data_type: optional.text(),
  quote: optional.flag(),
  data_tests: tests,
  tests,
  constraints: v.optional(maps()),
  config,
  meta,
  tags,
  docs,
  granularity: optional.text(),
  policy_tags: v.optional(texts()),
  databricks_tags: v.optional(map()),
  column_mask: v.optional(map()),
  dimension: v.optional(v.any()),
  entity: v.optional(v.any()),
});
const columns = v.optional(v.array(column, 'expected a list of columns'));

const described = { name: text(), description, config, meta, docs };
const tested = { ...described, data_tests: tests, tests, columns };
// dbt keeps whatever else is said of an owner.
const owner = openObject({ name: optional.text(), email: v.nullish(v.union([v.string(), texts()])) });

const modelVersion = object({
  v: version(),
  defined_in: optional.text(),
  description,
  access: optional.text(),
  config,
  constraints: v.optional(maps()),
  docs,
  data_tests: v.nullish(v.unwrap(tests)),
  tests: v.nullish(v.unwrap(tests)),
  columns: v.optional(maps()),
  deprecation_date: optional.text(),
});

const model = object({
  ...tested,
  access: optional.text(),
  group: optional.text(),
  tags,
  latest_version: v.nullish(version()),
  versions: v.optional(v.array(modelVersion, 'expected a list of versions')),
  constraints: v.optional(maps()),
  deprecation_date: optional.text(),
  time_spine: v.nullish(map()),
  quote_columns: optional.flag(),
  data_type: optional.text(),
  semantic_model: v.optional(v.any()),
  metrics: v.optional(list()),
  primary_entity: optional.text(),
  agg_time_dimension: optional.text(),
  derived_semantics: v.optional(v.any()),
  identifier: optional.text(),
});

const sourceFields = {
  quoting,
  freshness: v.nullish(map()),
  loaded_at_field: optional.text(),
  loaded_at_query: optional.text(),
  tags,
};

const table = object({
  ...tested,
  ...sourceFields,
  identifier: optional.text(),
  external: v.nullish(map()),
  loader: optional.text(),
});

const source = object({
  name: text(),
  description,
  meta,
  database: optional.text(),
  schema: optional.text(),
  loader: optional.text(),
  config,
  overrides: optional.text(),
  catalog: optional.text(),
  tables: v.optional(v.array(table, 'expected a list of tables')),
  ...sourceFields,
});

const argument = object({
  name: text(),
  type: optional.text(),
  description,
  data_type: optional.text(),
  default_value: v.optional(v.any()),
});

const fixture = {
  rows: v.nullish(v.union([v.string(), list()], 'expected a list of rows, or CSV or SQL as text')),
  format: v.optional(v.picklist(['dict', 'csv', 'sql'], 'expected dict, csv or sql')),
  fixture: optional.text(),
};

/** By section of the file. */
export const propertySchemas = {
  models: model,
  seeds: object({ ...tested, quote_columns: optional.flag(), access: optional.text(), tags, group: optional.text() }),
  snapshots: object({
    ...tested,
    relation: optional.text(),
    quote_columns: optional.flag(),
    access: optional.text(),
    tags,
    group: optional.text(),
  }),
  sources: source,
  macros: object({ ...described, arguments: v.optional(v.array(argument, 'expected a list of arguments')) }),
  analyses: object({ ...described, columns, access: optional.text(), tags }),
  data_tests: object(described),
  exposures: object({
    name: text(),
    type: v.picklist(
      ['dashboard', 'notebook', 'analysis', 'ml', 'application'],
      'expected dashboard, notebook, analysis, ml or application',
    ),
    owner,
    description,
    label: optional.text(),
    maturity: v.nullish(v.picklist(['low', 'medium', 'high'], 'expected low, medium or high')),
    meta,
    tags,
    url: optional.text(),
    depends_on: v.optional(texts()),
    config,
    enabled: v.optional(flag()),
  }),
  groups: object({ name: text(), owner, description: optional.text(), config }),
  metrics: object({
    name: text(),
    label: text(),
    type: text(),
    type_params: map(),
    description,
    filter: v.nullish(v.union([v.string(), texts()], 'expected a text or a list of texts')),
    time_granularity: optional.text(),
    meta,
    tags,
    config,
  }),
  semantic_models: object({
    name: text(),
    model: text(),
    description: optional.text(),
    label: optional.text(),
    defaults: v.nullish(map()),
    entities: v.optional(maps()),
    measures: v.optional(maps()),
    dimensions: v.optional(maps()),
    primary_entity: optional.text(),
    config,
  }),
  saved_queries: object({
    name: text(),
    query_params: object({
      metrics: v.optional(texts()),
      group_by: v.optional(texts()),
      where: v.nullish(v.union([v.string(), texts()], 'expected a text or a list of texts')),
      order_by: v.optional(texts()),
      limit: v.nullish(integer()),
    }),
    description: optional.text(),
    label: optional.text(),
    exports: v.optional(v.array(object({ name: text(), config }), 'expected a list of exports')),
    tags,
    config,
  }),
  unit_tests: object({
    name: text(),
    model: text(),
    given: v.array(object({ input: text(), ...fixture }), 'expected a list of inputs'),
    expect: object(fixture),
    description,
    overrides: v.nullish(object({ macros: v.optional(map()), vars: v.optional(map()), env_vars: v.optional(map()) })),
    config,
    versions: v.nullish(map()),
  }),
  functions: object({
    ...described,
    access: optional.text(),
    returns: map(),
    arguments: v.optional(v.array(argument, 'expected a list of arguments')),
    identifier: optional.text(),
    language: optional.text(),
    data_tests: tests,
    tests,
  }),
} as const;

export type PropertyKind = keyof typeof propertySchemas;

/** Sections in which dbt refuses unknown keys; in the others it lets them pass. */
export const CLOSED: ReadonlySet<PropertyKind> = new Set([
  'exposures',
  'groups',
  'metrics',
  'saved_queries',
  'semantic_models',
  'unit_tests',
]);
