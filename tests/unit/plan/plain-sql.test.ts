import { describe, expect, it } from 'vitest';
import { plainSql } from '../../../src/plan/plain-sql.js';

describe('plainSql', () => {
  it.each([
    ['select 1 -- one\n  from t', 'select 1 from t'],
    ['{# why #}\nselect\n\t1 /* two\nlines */ from t\n', 'select 1 from t'],
    ['select \'a -- b  c\', "x  /* y"  as z', 'select \'a -- b  c\', "x  /* y" as z'],
    ["select 'it''s  --'  from t", "select 'it''s  --' from t"],
    ["select '{{ var('a  b') }}  c'  -- gone", "select '{{ var('a  b') }}  c'"],
    ['{{ config(a=1,  b="--") }}  select 1', '{{ config(a=1,  b="--") }} select 1'],
    ["-- depends_on: {{ ref('a') }}\nselect 1", "-- depends_on: {{ ref('a') }}\nselect 1"],
    ["-- it's\nselect  1", 'select 1'],
    ['select a-- b\n+1', 'select a +1'],
  ])('%j is %j', (text, plain) => {
    expect(plainSql(text)).toBe(plain);
  });

  it.each(["select 'a\\'  b'", 'select $$a  -- b$$', 'select 1 // one\n from  t', 'select $x$a  b$x$'])(
    'leaves %j as it is',
    (text) => {
      expect(plainSql(text)).toBe(text);
    },
  );

  it('keeps texts apart that differ in a string', () => {
    expect(plainSql("select 'a  b'")).not.toBe(plainSql("select 'a b'"));
  });
});
