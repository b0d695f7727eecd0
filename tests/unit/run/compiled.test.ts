import { mkdtempSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSqlWriter, sqlPath } from '../../../src/run/compiled.js';
import { nodeOf } from './fixtures.js';

describe('compiled and run SQL', () => {
  it('names files as dbt does', () => {
    const model = nodeOf('orders', { path: 'staging/orders.sql', original_file_path: 'models/staging/orders.sql' });
    expect(sqlPath(model, 'compiled', 'target')).toBe('target/compiled/shop/models/staging/orders.sql');
    const test = nodeOf('unique_a_id', { path: 'unique_a_id.sql', original_file_path: 'models/s.yml' });
    expect(sqlPath(test, 'run', 'out')).toBe('out/run/shop/models/s.yml/unique_a_id.sql');
  });

  it('writes below the target folder and refuses to leave it', () => {
    const root = mkdtempSync(join(tmpdir(), 'upsql-compiled-'));
    const write = createSqlWriter(root, 'target');
    const path = write(nodeOf('a'), 'compiled', 'select 1');
    expect(path).toBe('target/compiled/shop/models/a.sql');
    expect(readFileSync(join(root, path), 'utf8')).toBe('select 1');
    const outside = nodeOf('b', { path: '../../../../../b.sql', original_file_path: 'models/../../../../../b.sql' });
    expect(() => write(outside, 'compiled', 'select 1')).toThrow(/outside/);
  });

  it('writes a changed text, and leaves an equal one alone', () => {
    const root = mkdtempSync(join(tmpdir(), 'upsql-compiled-'));
    const write = createSqlWriter(root, 'target');
    const file = join(root, write(nodeOf('a'), 'run', 'select 1'));
    utimesSync(file, 1, 1);
    write(nodeOf('a'), 'run', 'select 1');
    expect(statSync(file).mtimeMs).toBe(1000);
    write(nodeOf('a'), 'run', 'select 2');
    expect(readFileSync(file, 'utf8')).toBe('select 2');
  });

  it('says which file could not be written', () => {
    const root = mkdtempSync(join(tmpdir(), 'upsql-compiled-'));
    writeFileSync(join(root, 'target'), 'a file in the way');
    expect(() => createSqlWriter(root, 'target')(nodeOf('a'), 'run', '')).toThrow(
      /Can't write target\/run\/shop\/models\/a\.sql/,
    );
  });
});
