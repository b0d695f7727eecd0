import { relative, resolve } from 'node:path';
import type { ColumnEdge, ColumnId, ColumnTree, Direction, Lineage } from '../../lineage/index.js';
import { relationLabel } from '../../lineage/walk.js';
import type { Engine } from '../../run/engine.js';
import type { Command, CommandContext } from '../command.js';
import { type OpenedProject, openProject } from '../open-project.js';
import { optionKinds, selectionOptions } from '../options.js';
import type { Style } from '../output/style.js';
import { threadCount } from '../run-flags.js';
import { selectionOf } from '../task-options.js';

const GROUP = 'Lineage:';
const options = [
  optionKinds.text('column', 'A column, as model.column or source.table.column', GROUP),
  optionKinds.flag('upstream', 'What the column comes from (default: both directions)', GROUP),
  optionKinds.flag('downstream', 'What comes from the column', GROUP),
  optionKinds.text('output', 'Form of the answer', GROUP, { choices: ['text', 'json', 'html'] }),
  optionKinds.flag('manifest', 'Also put it into manifest.json, as `meta.lineage` of its columns', GROUP),
  optionKinds.text('out', 'File for html (default: lineage.html in the target folder)', GROUP),
  ...selectionOptions,
];

export const command: Command = {
  options,
  answers: true,
  examples: [
    ['upsql lineage --column dim_users.segment', 'Where a column comes from and goes to'],
    ['upsql lineage --column dim_users.segment --output html', 'The same as a picture'],
    ['upsql lineage', 'Columns of every model, to target/lineage.json'],
    ['upsql lineage --manifest', 'For programs that read manifest.json'],
  ],
  async run(context) {
    const opened = await openProject(context, options);
    try {
      const lineages = await import('../../lineage/index.js');
      const { engine } = opened;
      const lineage = await lineages.loadLineage(engine, {
        threads: threadCount(context.args),
        signal: context.signal,
        listen: opened.listen,
      });
      const { manifest } = engine;
      const file = await lineages.writeLineage(lineage, manifest, engine.project.targetDir);
      if (context.args.flag('manifest') === true) {
        const { writeManifest } = await import('../../artifacts/index.js');
        await writeManifest(lineages.manifestWithLineage(manifest, lineage), engine.project.targetDir);
      }
      const text = context.args.text('column');
      const asked = text === undefined ? null : lineages.findColumn(lineage, manifest, text);
      const form = context.args.text('output') ?? 'text';
      const directions = wantedDirections(context);
      if (form === 'html') await writePicture(context, engine, lineage, await shownEdges(), asked, text);
      else if (asked !== null) {
        const trees = directions.map((way) => [way, lineages.columnTree(lineage, asked, way)] as const);
        if (form === 'json') context.output.result(JSON.stringify(Object.fromEntries(trees), null, 2));
        else
          for (const [way, tree] of trees)
            context.output.result(treeText(way, tree, lineage, engine, context.output.answer.style));
      } else {
        const ids = await selectedIds(context, opened, lineage);
        const chosen = new Map([...lineage].filter(([id]) => ids.has(id)));
        if (form === 'json') context.output.result(JSON.stringify(lineages.lineageArtifact(chosen, manifest), null, 2));
        else context.output.result(summary(chosen, engine, context.output.answer.style));
        context.output.log('info', `Wrote ${shortPath(context, file)}`);
      }
      return 0;

      async function shownEdges(): Promise<readonly ColumnEdge[]> {
        if (asked !== null) return directions.flatMap((way) => lineages.reach(lineage, asked, way));
        const ids = await selectedIds(context, opened, lineage);
        return lineages.edgesOf(lineage).filter(({ from, to }) => ids.has(to.relation) || ids.has(from.relation));
      }
    } finally {
      await opened.close();
    }
  },
};

function wantedDirections({ args }: CommandContext): readonly Direction[] {
  const [up, down] = [args.flag('upstream') === true, args.flag('downstream') === true];
  return up === down ? ['upstream', 'downstream'] : [up ? 'upstream' : 'downstream'];
}

async function selectedIds(context: CommandContext, opened: OpenedProject, lineage: Lineage): Promise<Set<string>> {
  const { selectIds } = await import('../../run/selection.js');
  const types = ['model', 'snapshot', 'seed', 'source'];
  const ids = selectIds(opened.engine, types, selectionOf(context, opened));
  return new Set(ids.filter((id) => lineage.has(id)));
}

async function writePicture(
  context: CommandContext,
  engine: Engine,
  lineage: Lineage,
  edges: readonly ColumnEdge[],
  asked: ColumnId | null,
  text: string | undefined,
): Promise<void> {
  const { lineagePage } = await import('../../lineage/index.js');
  const { writeAtomic } = await import('../../artifacts/index.js');
  const out = context.args.text('out');
  const file = out === undefined ? resolve(engine.project.targetDir, 'lineage.html') : resolve(context.io.cwd, out);
  const title = text === undefined ? `Columns of ${engine.project.config.name}` : `Lineage of ${text}`;
  const columns = asked === null ? [] : [asked];
  await writeAtomic(file, [lineagePage({ title, edges, columns, asked, lineage, manifest: engine.manifest })]);
  context.output.log('info', `Wrote ${shortPath(context, file)}`);
}

function shortPath({ io }: CommandContext, file: string): string {
  const near = relative(io.cwd, file);
  return near.startsWith('..') ? file : near;
}

/** The tree with branches drawn; what is followed elsewhere in it ends in `…`. */
function treeText(
  direction: Direction,
  tree: ColumnTree,
  lineage: Lineage,
  { manifest }: Engine,
  style: Style,
): string {
  const label = (id: ColumnId) => `${relationLabel(manifest, id.relation)}.${style.bold(id.column)}`;
  const note = ({ kind, unknown, repeated, relation, columns }: ColumnTree) =>
    [
      kind === null ? '' : style.dim(`  ${originOf(relation) ?? kind}`),
      unknown === undefined ? '' : style.yellow(`  unknown: ${unknown}`),
      columns.length === 0 && repeated !== true ? style.dim(rowsOf(relation)) : '',
      repeated === true ? style.dim('  … as above') : '',
    ].join('');
  // A column of a seed or a source is where the way begins.
  const originOf = (id: string): string | undefined =>
    manifest.sources[id] !== undefined ? 'source' : manifest.nodes[id]?.resource_type === 'seed' ? 'seed' : undefined;
  const lines = (list: readonly ColumnTree[], indent: string): string[] =>
    list.flatMap((column, i) => {
      const last = i === list.length - 1;
      const own = `${style.dim(`${indent}${last ? '└─ ' : '├─ '}`)}${label(column)}${note(column)}`;
      return [own, ...lines(column.columns, `${indent}${last ? '   ' : '│  '}`)];
    });
  // What comes from no column still comes from rows: of count(*), of a model in TypeScript.
  const rowsOf = (relation: string): string => {
    const reads = direction === 'upstream' ? (lineage.get(relation)?.reads ?? []) : [];
    return reads.length === 0 ? '' : `  (rows of ${reads.map((id) => relationLabel(manifest, id)).join(', ')})`;
  };
  const none = direction === 'upstream' ? 'comes from no column' : 'no column comes from it';
  const heading = direction === 'upstream' ? 'comes from' : 'goes to';
  const body = tree.columns.length === 0 ? [style.dim(`└─ ${none}`)] : lines(tree.columns, '');
  return [`${label(tree)}${note(tree)}  ${style.dim(heading)}`, ...body].join('\n');
}

/** How much of each relation is known, and why not more. */
function summary(lineage: Lineage, { manifest }: Engine, style: Style): string {
  const lines: string[] = [];
  let [columns, unknown] = [0, 0];
  for (const node of lineage.values()) {
    const open = node.columns.filter((column) => column.unknown !== undefined);
    columns += node.columns.length;
    unknown += open.length;
    const why = node.problem ?? open[0]?.unknown ?? (node.complete ? undefined : 'its columns are not all known');
    if (why === undefined) continue;
    const count = open.length === 0 ? '' : ` ${open.length} of ${node.columns.length} columns:`;
    lines.push(`  ${relationLabel(manifest, node.id)}:${count} ${style.dim(why)}`);
  }
  const known = `${columns - unknown} of ${columns} columns in ${lineage.size} relations are traced to their sources`;
  return [style.bold(known), ...(lines.length > 0 ? ['Not known:', ...lines] : [])].join('\n');
}
