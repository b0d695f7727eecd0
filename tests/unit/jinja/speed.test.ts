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

function time(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

test('1000 models are parsed, compiled and rendered in about a quarter of a second', () => {
  const took = time(() => {
    for (let i = 0; i < 1000; i++) {
      expect(Template.parse({ text: model(i), file: `m${i}.sql` }).renderSync(scope).length).toBeGreaterThan(100);
    }
  });
  // Ten times what it takes on an idle machine of two cores, so that a busy one does not fail it.
  expect(took).toBeLessThan(3000);
});

test('the time grows with the length of the template, not faster', () => {
  const run = (columns: number) =>
    time(() => Template.parse({ text: model(1, columns), file: 'm.sql' }).renderSync(scope));
  run(1000);
  const small = Math.min(run(1000), run(1000), run(1000));
  const large = Math.min(run(8000), run(8000), run(8000));
  expect(large).toBeLessThan(small * 8 * 4);
});
