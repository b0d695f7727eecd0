import type { EnvironmentPlan } from '../../env/index.js';
import type { ChangePlan, ColumnChange, PlannedNode } from '../../plan/index.js';
import { shortName } from '../short-name.js';
import { IMPACTS, planCounts, reasonText } from './plan-text.js';

/** Rows of a table: the comment of a pull request takes 65,536 characters. */
const MOST = 150;

/**
 * A plan for the comment of a pull request: what breaks first, then each node that is itself changed, and what is only built
 * from those folded away.
 */
export function planMarkdown(plan: ChangePlan | EnvironmentPlan): string {
  const { build, gone, exposures } = plan;
  const names = new Map(build.map(({ id, name }) => [id, name]));
  const broken = build.filter(({ impact }) => impact === 'breaking');
  const own = build.filter((node) => node.impact === 'breaking' || !isFollowing(node));
  const following = build.filter((node) => !own.includes(node));
  const built = new Set('versions' in plan ? plan.versions : []);
  const previews = new Set('previews' in plan ? plan.previews : []);
  const rows = (nodes: readonly PlannedNode[]): string[] => [
    '| node | why | columns |',
    '| --- | --- | --- |',
    ...nodes.slice(0, MOST).map((node) => {
      const why = node.reasons.map((reason) => reasonText(reason, names)).join('; ');
      const marks = [
        IMPACTS[node.impact],
        built.has(node.id) ? 'built before' : '',
        previews.has(node.id) ? 'a copy of its history, not promoted' : '',
      ].filter(Boolean);
      const impact = marks.length === 0 ? '' : ` (${marks.join(', ')})`;
      const columns = [...node.columns.map((change) => changeText(change, node)), ...node.notes.map(escaped)];
      return `| ${code(node.name)}${node.impact === 'breaking' ? ' ❌' : ''} | ${escaped(why)}${escaped(impact)} | ${columns.join('<br>')} |`;
    }),
    ...(nodes.length > MOST ? [`| … ${nodes.length - MOST} more | | |`] : []),
  ];
  const parts = [`### upsql plan: ${escaped(planCounts(plan))}`];
  if (broken.length > 0)
    parts.push(
      [
        '> [!CAUTION]',
        `> ${broken.length === 1 ? 'One change breaks' : `${broken.length} changes break`} what is downstream.`,
        ...broken.flatMap(({ name, breaks }) =>
          breaks.map(
            (user) =>
              `> - ${code(name)}: ${user.columns.map(code).join(', ')} named by ${code(user.name)} (${user.resource_type})`,
          ),
        ),
      ].join('\n'),
    );
  if (own.length > 0) parts.push(rows(own).join('\n'));
  if (following.length > 0) {
    const title = `${following.length} built from ${own.length === 1 ? 'it' : 'these'}`;
    parts.push(['<details>', `<summary>${title}</summary>`, '', ...rows(following), '', '</details>'].join('\n'));
  }
  if (gone.length > 0)
    parts.push(`No longer in the project, relations stay: ${gone.map((id) => code(shortName(id))).join(', ')}`);
  if (exposures.length > 0)
    parts.push(
      [
        'Exposures that read what changes:',
        ...exposures.map(({ name, owner, reads, breaking }) => {
          const of = owner === null ? '' : ` (${escaped(owner)})`;
          const list = reads.map((id) => code(names.get(id) ?? shortName(id))).join(', ');
          return `- ${code(name)}${of} reads ${list}${breaking ? ' **columns go or change**' : ''}`;
        }),
      ].join('\n'),
    );
  return parts.join('\n\n');
}

/** Whether a node is built again only since something upstream is, and keeps its columns. */
const isFollowing = ({ reasons, columns, notes }: PlannedNode): boolean =>
  reasons.every(({ kind }) => kind === 'upstream') && columns.length === 0 && notes.length === 0;

function changeText({ name, change, before, after, to }: ColumnChange, { breaks }: PlannedNode): string {
  const users = breaks.filter(({ columns }) => columns.includes(name)).map((user) => code(user.name));
  const used = users.length === 0 ? '' : ` named by ${users.join(', ')}`;
  switch (change) {
    case 'added':
      return `\\+ ${code(name)}${after === null ? '' : ` ${escaped(after)}`}`;
    case 'removed':
      return `\\- ${code(name)} ${escaped(before ?? '')}${used}`;
    case 'renamed':
      return `\\- ${code(name)} ${escaped(before ?? '')}, now ${code(to ?? '')}${used}`;
    case 'type':
      return `\\~ ${code(name)} ${escaped(before ?? '')}, now ${escaped(after ?? '')}${used}`;
  }
}

/** Text that stays text in a cell of a table. */
const escaped = (text: string): string =>
  text.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]<>|#~]/g, (c) => (c === '<' ? '&lt;' : `\\${c}`));

/** A name as code, whatever is in it. */
function code(name: string): string {
  const plain = name.replace(/\s+/g, ' ').replaceAll('|', '\\|');
  const ticks = '`'.repeat(Math.max(0, ...(plain.match(/`+/g) ?? []).map(({ length }) => length)) + 1);
  const room = plain.includes('`') ? ' ' : '';
  return `${ticks}${room}${plain}${room}${ticks}`;
}
