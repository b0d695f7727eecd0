import { expect, test } from 'vitest';
import { HostFunction, type Scope, Template } from '../../../src/jinja/index.js';

const model = (i: number, columns = 4) => `{{ config(materialized='table', tags=['a', 'b']) }}
with src as (select * from {{ ref('stg_${i}') }}),
{% set methods = ['card', 'cash', 'bank', 'gift'] %}
payments as (
  select
    id,
    {% for m in methods %}
    sum(case when method = '{{ m }}' then amount end) as {{ m }}_amount{% if not loop.last %},{% endif %}
    {% endfor %}
  from src
  {% if is_incremental() %}
  where ts > (select max(ts) from {{ this }})
  {% endif %}
  group by 1
)
select
${Array.from({ length: columns }, (_, c) => `  {{ cents('c${c}') }} as c${c},`).join('\n')}
  {{ var('x', 'y') | upper }} as z
from payments
`;

const functions: Record<string, unknown> = {
  this: 'db.s.t',
  config: new HostFunction('config', () => ''),
  ref: new HostFunction('ref', ({ positional }) => `"${positional[0]}"`),
  is_incremental: new HostFunction('is_incremental', () => true),
  cents: new HostFunction('cents', ({ positional }) => `${positional[0]} / 100`),
  var: new HostFunction('var', ({ positional }) => positional[1]),
};
const scope: Scope = { lookup: (name) => functions[name] };

test('a large project: 1000 models are parsed, compiled and rendered', () => {
  for (let i = 0; i < 1000; i++) {
    const sql = Template.parse({ text: model(i), file: `m${i}.sql` }).renderSync(scope);
    expect(sql).toContain(`from "stg_${i}"`);
  }
});

test('a long template: 8000 columns', () => {
  const sql = Template.parse({ text: model(1, 8000), file: 'm.sql' }).renderSync(scope);
  expect(sql).toContain('c7999 / 100 as c7999');
});
