import { describe, expect, it } from 'vitest';
import { templatePlace } from '../../../src/run/template-line.js';

/** The place of `word` in `compiled`, mapped back. */
function placeOf(template: string, compiled: string, word: string): string | undefined {
  const found = templatePlace(template, compiled, compiled.indexOf(word));
  return found === undefined ? undefined : `${found.line}:${found.column}`;
}

describe('templatePlace', () => {
  it('is the same place while no tag stands before it', () => {
    expect(placeOf('select 1,\n  nope\nfrom {{ x }}', 'select 1,\n  nope\nfrom t', 'nope')).toBe('2:3');
  });

  it('finds a line after a config call and blank lines that the rendering removed', () => {
    const template =
      "{{ config(materialized='table') }}\n\n{% set a = 1 %}\nselect\n  id,\n  nope as x\nfrom {{ ref('a') }}";
    const compiled = '\n\n\nselect\n  id,\n  nope as x\nfrom "db"."main"."a"';
    expect(placeOf(template, compiled, 'nope')).toBe('6:3');
  });

  it('finds the column in a line that has an expression in it, before and after the expression', () => {
    const template = "{{ config(materialized='table') }} select nope from {{ ref('a') }} where gone = 1";
    const compiled = ' select nope from "db"."main"."a_long_name" where gone = 1';
    expect(placeOf(template, compiled, 'nope')).toBe(`1:${template.indexOf('nope') + 1}`);
    expect(placeOf(template, compiled, 'gone')).toBe(`1:${template.indexOf('gone') + 1}`);
  });

  it('follows lines below a loop, whose own lines repeat', () => {
    const template = 'select\n{% for c in cols %}\n  sum({{ c }}) as {{ c }},\n{% endfor %}\n  nope\nfrom t';
    const compiled = 'select\n\n  sum(a) as a,\n\n  sum(b) as b,\n\n  nope\nfrom t';
    expect(placeOf(template, compiled, 'nope')).toBe('5:3');
    expect(placeOf(template, compiled, 'sum(b)')).toBe('3:3');
  });

  it('says nothing where two lines of the template could have become the line', () => {
    const template = '{{ x }}\nselect nope\nunion all\nselect nope';
    expect(placeOf(template, 'y\nselect nope\nunion all\nselect nope', 'nope')).toBeUndefined();
    const either = '{% if a %}\nselect nope from t\n{% else %}\nselect nope from t\n{% endif %}';
    expect(placeOf(either, '\nselect nope from t\n', 'nope')).toBeUndefined();
  });

  it('says nothing about a line that a macro made', () => {
    expect(placeOf('{{ make_sql() }}', 'select nope from t', 'nope')).toBeUndefined();
    expect(placeOf('{{ a }}\n  {{ b }}, {{ c }}', 'select x\n  nope, 1', 'nope')).toBeUndefined();
  });

  it('ignores lines inside a tag that runs over several lines', () => {
    const template = "{{ config(\n  materialized='table'\n) }}\nselect nope\nfrom t";
    expect(placeOf(template, '\nselect nope\nfrom t', 'nope')).toBe('4:8');
  });
});
