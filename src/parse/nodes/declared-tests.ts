/** Finding the data tests that properties YAML declares on nodes, sources and their columns. */
import type { PropertyEntry } from '../../project/index.js';
import type { ContextOutput } from '../context/base.js';
import { isMap, mapOf, type Raw, texts } from '../shape.js';
import type { ParsedProject } from '../state.js';
import { testsOf } from './columns.js';
import { addGenericTest, type TestTarget } from './generic-tests.js';
import { collect } from './read-template.js';

/** Adds the data tests of an entry's columns, then its own, as dbt orders them. */
export function addTests(parsed: ParsedProject, entry: PropertyEntry, output: ContextOutput, createdAt: number): void {
  if (Array.isArray(entry.raw.versions)) return;
  const target: TestTarget = {
    kind: entry.kind as TestTarget['kind'],
    name: entry.name,
    packageName: entry.packageName,
    originalFilePath: entry.originalFilePath,
    absolutePath: entry.file,
  };
  addTestsOf(parsed, entry, entry.raw, [], target, output, createdAt);
}

const tagList = (raw: Raw): string[] => [...texts(raw.tags), ...texts(mapOf(raw.config).tags)];

/** The tests of a map with `columns` and `data_tests`, found at `path` below the entry. */
export function addTestsOf(
  parsed: ParsedProject,
  entry: PropertyEntry,
  raw: Raw,
  path: readonly (string | number)[],
  target: TestTarget,
  output: ContextOutput,
  createdAt: number,
  inheritedTags: readonly string[] = [],
): void {
  const q = parsed.adapter.dialect.quoteCharacter;
  const columns = Array.isArray(raw.columns) ? raw.columns : [];
  columns.forEach((column, c) => {
    if (!isMap(column) || typeof column.name !== 'string') return;
    const quoted = column.quote === true || (column.quote === undefined && raw.quote_columns === true);
    const columnName = quoted ? `${q}${column.name}${q}` : column.name;
    const { key, list } = testsOf(column);
    list.forEach((written, t) => {
      const place = entry.locate([...path, 'columns', c, key, t]);
      const tags = [...inheritedTags, ...tagList(column)];
      collect(parsed, () => addGenericTest(parsed, { target, written, columnName, tags, place, createdAt }, output));
    });
  });
  const { key, list } = testsOf(raw);
  list.forEach((written, t) => {
    const place = entry.locate([...path, key, t]);
    collect(parsed, () =>
      addGenericTest(parsed, { target, written, columnName: null, tags: inheritedTags, place, createdAt }, output),
    );
  });
}
