import type { RelationDiff } from '../../diff/index.js';
import type { PromotionPreview } from '../../env/index.js';
import type { Command, CommandContext } from '../command.js';
import { counted } from '../counted.js';
import { loadOptions } from '../flags.js';
import { openProject } from '../open-project.js';
import { diffText } from '../output/diff-text.js';
import { shortName } from '../short-name.js';
import { usageError } from '../usage.js';
import { comparisonOptions } from './comparison-options.js';

export const command: Command = {
  positional: '<environment>',
  options: comparisonOptions,
  answers: true,
  examples: [['upsql env diff dev_ann', 'Relations, rows and columns that `env promote` would change in production']],
  async run(context) {
    const { args, io, output } = context;
    const [name] = args.positional;
    if (name === undefined) throw usageError('<environment> is missing', 'See which there are with `upsql env list`.');
    const opened = await openProject(context, comparisonOptions, { writesManifest: false });
    try {
      const { engine } = opened;
      const [{ previewPromotion }, { openSides }, { compareNodes }] = await Promise.all([
        import('../../env/index.js'),
        import('../../diff/index.js'),
        import('../diff-nodes.js'),
      ]);
      const preview = await previewPromotion(engine, name);
      const sides = await openSides(engine, {
        left: engine.project.target.name,
        right: `env:${name}`,
        load: await loadOptions(args, io),
        cwd: io.cwd,
        environment: async () => (id) => preview.places.get(id)?.environment,
      });
      try {
        const left = { ...sides.left, label: 'production', place: (id: string) => preview.places.get(id)?.production };
        const nodes = preview.nodes.flatMap((id) => engine.manifest.nodes[id] ?? []);
        const relations = await compareNodes(context, engine, nodes, { ...sides, left });
        if (relations === undefined) return 2;
        const asJson = args.text('output') === 'json';
        output.result(asJson ? json(name, preview, relations) : told(name, preview, relations, output));
        return preview.nodes.length === 0 ? 0 : 1;
      } finally {
        await sides.close();
      }
    } finally {
      await opened.close();
    }
  },
};

function json(
  environment: string,
  { refusal, nodes, left, older, kept }: PromotionPreview,
  relations: unknown,
): string {
  const refused = refusal?.diagnostics.map(({ message }) => message) ?? [];
  return JSON.stringify(
    { environment, ready: refusal === undefined, refused, nodes, left, older, kept, relations },
    null,
    2,
  );
}

function told(
  name: string,
  { refusal, nodes, left, older }: PromotionPreview,
  relations: readonly RelationDiff[],
  output: CommandContext['output'],
): string {
  const list = (ids: readonly string[]): string => ids.map(shortName).join(', ');
  const alike = relations.filter(({ status }) => status === 'same');
  const others = relations.filter(({ status }) => status !== 'same');
  const parts = [
    nodes.length === 0
      ? `Nothing to promote: production shows what ${name} has`
      : `Promoting ${name} would change ${counted(nodes.length, 'relation')} of production`,
  ];
  if (others.length > 0) parts.push(diffText({ left: 'production', right: name }, others, output));
  if (alike.length > 0) parts.push(`The same rows and columns: ${alike.map((one) => one.name).join(', ')}`);
  if (left.length > 0) parts.push(`Left to production's next build, as their history is kept: ${list(left)}`);
  if (older.length > 0) parts.push(`Production has newer data of: ${list(older)}`);
  for (const { message, hint } of refusal?.diagnostics ?? [])
    parts.push([message, ...(hint === undefined ? [] : [`  ${hint}`])].join('\n'));
  return parts.join('\n\n');
}
