/** Descriptions: `{{ doc('name') }}` put in, and the blocks that were used noted, as dbt does after parsing. */
import { didYouMean, problem, UpsqlError } from '../diagnostics/index.js';
import { hostFunction, type Scope, str, Template } from '../jinja/index.js';
import { yamlScope } from './context/scopes.js';
import type { ColumnSpec } from './node.js';
import { collect } from './nodes/read-template.js';
import { mapsOf, type Raw } from './shape.js';
import type { ParsedProject } from './state.js';

interface Described {
  readonly package_name: string;
  readonly original_file_path: string;
  /** `package://file` of the properties entry. */
  readonly patch_path?: string | null;
  description?: unknown;
  doc_blocks?: string[] | undefined;
}

/** The properties file that a description stands in, which is seldom the node's own file. */
function describedIn(owner: Described): string {
  const patch = owner.patch_path?.replace(/^[^:]*:\/\//, '');
  return patch ?? owner.original_file_path;
}

function findDoc(parsed: ParsedProject, name: string, asked: string | null, ownPackage: string): string | undefined {
  const packages = asked === null ? [parsed.project.config.name, ownPackage] : [asked];
  for (const packageName of packages) {
    const id = `doc.${packageName}.${name}`;
    if (parsed.manifest.docs[id] !== undefined) return id;
  }
  if (asked !== null) return undefined;
  return Object.keys(parsed.manifest.docs).find((id) => parsed.manifest.docs[id]?.name === name);
}

function docScope(parsed: ParsedProject, owner: Described, used: string[]): Scope {
  const base = yamlScope(parsed, owner.package_name);
  const doc = hostFunction('doc', ['*args'], (args: { items: readonly unknown[] }) => {
    const names = args.items.map((a) => str(a));
    const [first = '', second] = names;
    const id = findDoc(parsed, second ?? first, second === undefined ? null : first, owner.package_name);
    if (id === undefined) {
      const near = didYouMean(
        second ?? first,
        Object.values(parsed.manifest.docs).map((d) => d.name),
      );
      throw new UpsqlError(
        problem('unknown-docs', `There is no docs block named '${second ?? first}'.`, {
          place: { file: describedIn(owner), line: 1, column: 1 },
          hint: near ?? 'Write {% docs name %} ... {% enddocs %} in a .md file of the project.',
        }),
      );
    }
    used.push(id);
    return parsed.manifest.docs[id]?.block_contents ?? '';
  });
  return { lookup: (name) => (name === 'doc' ? doc : base.lookup(name)) };
}

function render(parsed: ParsedProject, owner: Described, text: string): { text: string; used: string[] } {
  if (!text.includes('{{') && !text.includes('{%') && !text.includes('{#')) return { text, used: [] };
  const used: string[] = [];
  const template = Template.parse({ text, file: `${parsed.project.root}/${owner.original_file_path}` });
  return { text: template.renderSync(docScope(parsed, owner, used), { once: true }), used };
}

/** Parts of an owner that have descriptions of their own. */
const PARTS = ['arguments', 'entities', 'dimensions', 'measures'];

/** Renders the descriptions of all nodes that have one, and of their columns, arguments and measures. */
export function renderDescriptions(parsed: ParsedProject): void {
  const { manifest } = parsed;
  const owners: Described[] = [
    ...Object.values(manifest.nodes),
    ...Object.values(manifest.sources),
    ...Object.values(manifest.macros),
    ...Object.values(manifest.exposures),
    ...Object.values(manifest.metrics),
    ...Object.values(manifest.semantic_models),
    ...Object.values(manifest.saved_queries),
  ] as Described[];
  for (const owner of owners) {
    collect(parsed, () => {
      if (typeof owner.description === 'string') {
        const { text, used } = render(parsed, owner, owner.description);
        owner.description = text;
        if (owner.doc_blocks !== undefined) owner.doc_blocks = used;
      }
      for (const column of Object.values((owner as { columns?: Record<string, ColumnSpec> }).columns ?? {})) {
        const { text, used } = render(parsed, owner, column.description);
        column.description = text;
        column.doc_blocks = used;
      }
      for (const key of PARTS) {
        const parts = (owner as unknown as Raw)[key];
        if (parts === undefined) continue;
        for (const part of mapsOf(parts))
          if (typeof part.description === 'string') part.description = render(parsed, owner, part.description).text;
      }
      const source = owner as { source_description?: string };
      if (typeof source.source_description === 'string')
        source.source_description = render(parsed, owner, source.source_description).text;
    });
  }
}
