// A synthetic dbt project of N models that runs on upsql and on dbt-core with dbt-duckdb: the same files for the same N.
// One in ten models is staging over seeds and sources, seven are intermediate with one to four refs, two are marts. Each has a
// config, a loop and a macro call in its text, and a description and two data tests in YAML.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const SOURCES = 5;
const ROWS = 300;
// Views are planned anew wherever they are read: deeper ones would measure the planner of DuckDB alone.
const DEEPEST = 3;
const PER_FILE = 40;
const PLANS = ['free', 'team', 'business'];

/** Pseudo-random numbers below 1 (mulberry32). */
function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

const PROJECT = `name: synthetic
version: "1.0"
profile: synthetic
flags: {send_anonymous_usage_stats: false}
vars:
  plans: [${PLANS.join(', ')}]
  first_day: "2025-01-01"
models:
  synthetic:
    staging: {+materialized: view, +tags: [raw]}
    intermediate: {+materialized: view}
    marts: {+materialized: table, +tags: [daily]}
`;

const PROFILES = `synthetic:
  target: dev
  outputs:
    dev: {type: duckdb, path: synthetic.duckdb, threads: 2}
`;

const MACROS = `{% macro euros(cents, digits=2) -%}
  round({{ cents }} / 100.0, {{ digits }})
{%- endmacro %}

{% macro is_plan(plan) -%}
  case when plan = '{{ plan }}' then 1 else 0 end
{%- endmacro %}
`;

function seedText(random) {
  const rows = ['id,account_id,plan,cents,paid_on'];
  for (let id = 0; id < ROWS; id++) {
    const day = String(1 + Math.floor(random() * 28)).padStart(2, '0');
    const plan = PLANS[Math.floor(random() * PLANS.length)];
    rows.push(`${id},${Math.floor(random() * 60)},${plan},${Math.floor(random() * 20000)},2025-03-${day}`);
  }
  return `${rows.join('\n')}\n`;
}

function stagingText(i) {
  const from = i % 2 === 0 ? `ref('payments_${i % SOURCES}')` : `source('billing', 'payments_${i % SOURCES}')`;
  return `{{ config(tags=['wave_${i % 6}']) }}
-- depends_on: {{ ref('payments_${i % SOURCES}') }}

with payments as (
    select * from {{ ${from} }}
    where paid_on >= date '{{ var('first_day') }}'
)

select
    id,
    account_id,
    plan,
    paid_on,
    {%- for plan in var('plans') %}
    {{ is_plan(plan) }} as is_{{ plan }},
    {%- endfor %}
    {{ euros('cents') }} as amount
from payments
`;
}

/** A model over others: the first is the base, the others are joined to it. */
function joinedText(parents, materialized, digits) {
  const inputs = parents.map((name, k) => `p${k} as (select * from {{ ref('${name}') }})`);
  const joins = parents.slice(1).map((_, k) => `left join p${k + 1} on p${k + 1}.id = p0.id`);
  const amounts = parents.map((_, k) => `coalesce(p${k}.amount, 0)`);
  const config = materialized === null ? `tags=['derived']` : `materialized='${materialized}'`;
  return `{{ config(${config}) }}
{%- set plans = var('plans') %}

with ${inputs.join(',\n')},

joined as (
    select
        p0.id,
        p0.account_id,
        p0.plan,
        p0.paid_on,
        ${amounts.join(' + ')} as amount
    from p0
    ${joins.join('\n    ')}
)

{# Shares are of the account's whole amount. #}
select
    id,
    account_id,
    plan,
    paid_on,
    amount,
    {%- for plan in plans %}
    {{ is_plan(plan) }} * {{ euros('amount * 100', ${digits}) }} as {{ plan }}_amount,
    {%- endfor %}
    amount / nullif(sum(amount) over (partition by account_id), 0) as share
from joined
{% if target.name == 'sample' %}limit 10{% endif %}
`;
}

function propertiesText(names) {
  const lines = ['version: 2', 'models:'];
  for (const name of names) {
    lines.push(
      `  - name: ${name}`,
      `    description: Payments as ${name} has them, a row an id.`,
      '    columns:',
      '      - name: id',
      '        description: The payment.',
      '        data_tests: [not_null, unique]',
      '      - name: amount',
      '        description: Euros.',
    );
  }
  return `${lines.join('\n')}\n`;
}

/** Yields every file of the project as [path, text]. */
export function* syntheticProject(models) {
  const random = randomOf(models);
  yield ['dbt_project.yml', PROJECT];
  yield ['profiles.yml', PROFILES];
  yield ['macros/payments.sql', MACROS];
  const tables = [];
  for (let s = 0; s < SOURCES; s++) {
    yield [`seeds/payments_${s}.csv`, seedText(random)];
    tables.push(`      - name: payments_${s}`);
  }
  yield [
    'models/staging/billing.yml',
    `version: 2\nsources:\n  - name: billing\n    schema: main\n    tables:\n${tables.join('\n')}\n`,
  ];

  const counts = layerSizes(models);
  const depths = new Map();
  for (const [layer, prefix, count] of [
    ['staging', 'stg', counts.staging],
    ['intermediate', 'int', counts.intermediate],
    ['marts', 'mart', counts.marts],
  ]) {
    const parents = [...depths.keys()];
    const made = [];
    for (let i = 0; i < count; i++) {
      const name = `${prefix}_${i}`;
      made.push(name);
      if (layer === 'staging') {
        depths.set(name, 0);
        yield [`models/staging/${name}.sql`, stagingText(i)];
        continue;
      }
      const chosen = chooseParents(parents, depths, random);
      const text = joinedText(chosen, layer === 'marts' ? 'table' : null, 1 + (i % 4));
      yield [`models/${layer}/part_${i % 25}/${name}.sql`, text];
      if (layer === 'marts') continue;
      depths.set(name, 1 + Math.max(...chosen.map((parent) => depths.get(parent))));
      if (depths.get(name) < DEEPEST) parents.push(name);
    }
    for (let at = 0; at < made.length; at += PER_FILE)
      yield [`models/${layer}/${layer}_${at / PER_FILE}.yml`, propertiesText(made.slice(at, at + PER_FILE))];
  }
}

/** How many models of each layer there are. */
export function layerSizes(models) {
  const staging = Math.max(1, Math.floor(models / 10));
  const intermediate = Math.floor((models * 7) / 10);
  return { staging, intermediate, marts: models - staging - intermediate };
}

function chooseParents(parents, depths, random) {
  const wanted = 1 + Math.floor(random() * 4);
  const chosen = new Set();
  // A few tries too many are cheaper than drawing without putting back.
  for (let tries = 0; chosen.size < wanted && tries < 12; tries++) {
    const name = parents[Math.floor(random() * parents.length)];
    if (depths.get(name) < DEEPEST) chosen.add(name);
  }
  return [...chosen];
}

export function writeSyntheticProject(folder, models) {
  for (const [path, text] of syntheticProject(models)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}
