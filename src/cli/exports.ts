import { extname } from 'node:path';
import { problem, UpsqlError } from '../diagnostics/index.js';
import type { ExportFormat } from '../ingest/export.js';
import type { Node } from '../parse/node.js';

export const EXPORT_FORMATS: readonly ExportFormat[] = ['csv', 'parquet', 'json'];

/** A table and the file it goes to, relative to the folder of exports. */
export interface PlannedExport {
  readonly node: Node;
  readonly file: string;
  readonly format: ExportFormat;
}

const WITH_TABLE = new Set(['model', 'seed', 'snapshot']);

/**
 * What to export: of `nodes`, those with a file name in their config (`meta: {export: merged_data.csv}`); with
 * `everything` also the others, under their own name. The name's ending gives the format, unless `format` does.
 * @throws UpsqlError when there is nothing, a name is no file name, or two tables have the same one.
 */
export function planExports(
  nodes: readonly Node[],
  options: { readonly everything: boolean; readonly format?: ExportFormat | undefined },
): PlannedExport[] {
  const planned = nodes
    .filter((node) => WITH_TABLE.has(node.resource_type) && node.config.materialized !== 'ephemeral')
    .flatMap((node) => {
      const named = exportName(node);
      if (named === undefined && !options.everything) return [];
      return [plan(node, named ?? `${node.name}.${options.format ?? 'csv'}`, options.format)];
    });
  if (planned.length === 0) {
    throw new UpsqlError(
      problem('nothing-to-export', 'No model names a file to export to', {
        hint: "Select models with --select, or give a model 'config: {meta: {export: my_table.csv}}'.",
      }),
    );
  }
  const seen = new Map<string, Node>();
  for (const { node, file } of planned) {
    const other = seen.get(file);
    if (other !== undefined) {
      throw new UpsqlError(
        problem('duplicate-export', `${other.name} and ${node.name} would both be written to ${file}`),
      );
    }
    seen.set(file, node);
  }
  return planned;
}

function exportName(node: Node): string | undefined {
  const name = node.config.export ?? node.config.meta.export;
  return typeof name === 'string' && name !== '' ? name : undefined;
}

function plan(node: Node, name: string, asked: ExportFormat | undefined): PlannedExport {
  const ending = extname(name).slice(1).toLowerCase();
  const known = EXPORT_FORMATS.find((format) => format === ending);
  const format = asked ?? known;
  if (format === undefined || name.split(/[\\/]/).includes('..') || /^([\\/]|[A-Za-z]:)/.test(name)) {
    throw new UpsqlError(
      problem('invalid-export', `${node.name} can't be exported to '${name}'`, {
        hint: `Use a name inside the folder of exports that ends in ${EXPORT_FORMATS.map((each) => `.${each}`).join(', ')}.`,
      }),
    );
  }
  return {
    node,
    format,
    file: known === format ? name : `${name.slice(0, name.length - extname(name).length)}.${format}`,
  };
}
