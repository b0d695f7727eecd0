/** What the warehouse knows of the project's relations, by its catalog macros. */
import { fromJinja } from '../../jinja/index.js';
import { RelationValue } from '../context/relation-value.js';
import type { NodeScope } from '../context/scopes.js';
import { TableValue } from '../context/table-value.js';
import type { Relation } from '../relation.js';
import type { ParsedProject } from '../state.js';

/** One row of a catalog query: a column with what is known of its table, by dbt's column names. */
export type CatalogRow = Readonly<Record<string, unknown>>;

/** dbt asks for single relations up to this number, else for whole schemas. */
const MAX_RELATIONS = 100;

/** Reads the catalog of relations of one database. Rows of other relations of their schemas may be among the answer. */
export async function readCatalog(
  parsed: ParsedProject,
  relations: readonly Relation[],
  scope: NodeScope,
): Promise<readonly CatalogRow[]> {
  const [first] = relations;
  if (first === undefined) return [];
  const information = new RelationValue({ ...first, schema: 'information_schema', identifier: null, type: null });
  const few = relations.length <= MAX_RELATIONS;
  const macro = parsed.macros.find(few ? 'get_catalog_relations' : 'get_catalog', parsed.project.config.name);
  if (macro === undefined) throw new Error('the catalog macros are missing');
  const wanted = few
    ? relations.map((relation) => new RelationValue(relation))
    : [...new Set(relations.map((relation) => relation.schema ?? ''))];
  const call = parsed.macros.template(macro).bind(scope, 'async');
  const table = await call.call({ positional: [information, wanted], named: new Map() });
  if (!(table instanceof TableValue)) throw new Error(`${macro.name} has to give a table`);
  const { names, rows } = table.data;
  return rows.map((row) => Object.fromEntries(names.map((name, i) => [name, fromJinja(row[i] ?? null)])));
}
