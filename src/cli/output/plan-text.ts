import type { EnvironmentPlan } from '../../env/index.js';
import type { Graph } from '../../graph/index.js';
import type { AffectedExposure, ChangePlan, ColumnChange, Impact, PlannedNode, Reason } from '../../plan/index.js';
import { shortName as short } from '../short-name.js';
import type { Output } from './output.js';
import type { Style } from './style.js';
import { wrapLine } from './width.js';

/** A tree: each node below the first of those that it is built for, with its reasons and changes of columns. */
export function planText(plan: ChangePlan | EnvironmentPlan, graph: Graph, { answer }: Pick<Output, 'answer'>): string {
  const { style, width } = answer;
  const lines = planLines(plan, graph, style);
  return (width === undefined ? lines : lines.map((line) => wrapLine(line, width))).join('\n');
}

function planLines(plan: ChangePlan | EnvironmentPlan, graph: Graph, style: Style): string[] {
  const { build, gone } = plan;
  const built = new Set('versions' in plan ? plan.versions : []);
  const previews = new Set('previews' in plan ? plan.previews : []);
  const heading = style.bold(planCounts(plan));
  if (build.length === 0) return [heading, ...goneLines(gone, style)];
  const ids = new Set(build.map(({ id }) => id));
  const below = new Map<string, PlannedNode[]>();
  const roots: PlannedNode[] = [];
  for (const node of build) {
    const parent = (graph.parents.get(node.id) ?? []).find((id) => ids.has(id));
    if (parent === undefined) roots.push(node);
    else below.set(parent, [...(below.get(parent) ?? []), node]);
  }
  const names = new Map(build.map(({ id, name }) => [id, name]));
  const lines: string[] = [heading, ''];
  const show = (node: PlannedNode, indent: string): void => {
    const sign = node.reasons.some(({ kind }) => kind === 'new') ? style.green('+') : style.yellow('~');
    const why = node.reasons.map((reason) => reasonText(reason, names)).join('; ');
    const place = built.has(node.id) ? style.green('  [built before]') : '';
    lines.push(`${indent}${sign} ${style.bold(node.name)}  ${why}${impactText(node.impact, style)}${place}`);
    if (previews.has(node.id))
      lines.push(`${indent}    ${style.yellow("its history is production's: here a copy, which is not promoted")}`);
    for (const change of node.columns) lines.push(`${indent}    ${changeText(change, node, style)}`);
    for (const note of node.notes) lines.push(`${indent}    ${style.yellow(note)}`);
    for (const child of below.get(node.id) ?? []) show(child, `${indent}  `);
  };
  for (const root of roots) show(root, '');
  lines.push(...goneLines(gone, style));
  const broken = build.filter(({ impact }) => impact === 'breaking');
  if (broken.length > 0)
    lines.push(
      '',
      style.red(`${broken.length} of these changes break something: ${broken.map(({ name }) => name).join(', ')}`),
    );
  lines.push(...exposureLines(plan.exposures, names, style));
  if ('environment' in plan) {
    const next = built.size === build.length ? 'Show it with' : 'Build it with';
    lines.push('', `${next}: upsql build --env ${plan.environment}`);
  } else lines.push('', `Build it with: upsql build -s ${build.map(({ name }) => name).join(' ')}`);
  return lines;
}

/** How many nodes are built and how many stay, in a line. */
export function planCounts(plan: ChangePlan | EnvironmentPlan): string {
  const { build, reuse, gone } = plan;
  const built = 'versions' in plan ? plan.versions.length : 0;
  const isGone = gone.length > 0 ? `, ${gone.length} no longer in the project` : '';
  return 'environment' in plan
    ? `${build.length - built} to build, ${built} built before, ${reuse.length} as in production in the environment ${plan.environment}${isGone}`
    : `${build.length} to build, ${reuse.length} to reuse in the target ${plan.target}${isGone}`;
}

function exposureLines(
  exposures: readonly AffectedExposure[],
  names: ReadonlyMap<string, string>,
  style: Style,
): string[] {
  if (exposures.length === 0) return [];
  const line = ({ name, owner, reads, breaking }: AffectedExposure): string => {
    const of = owner === null ? '' : ` (${owner})`;
    const list = reads.map((id) => names.get(id) ?? id).join(', ');
    return `  ${name}${of}  reads ${list}${breaking ? style.red('  [columns go or change]') : ''}`;
  };
  return ['', 'Exposures that read what changes:', ...exposures.map(line)];
}

function goneLines(gone: readonly string[], style: Style): string[] {
  return gone.map((id) => style.red(`- ${short(id)}  no longer in the project; its relation stays`));
}

export function reasonText({ kind, names }: Reason, planned: ReadonlyMap<string, string>): string {
  const list = names.map((name) => planned.get(name) ?? (name.includes('.') ? short(name) : name)).join(', ');
  switch (kind) {
    case 'new':
      return 'new';
    case 'unrecorded':
      return 'built before, but not known from what';
    case 'missing':
      return 'its relation is gone';
    case 'interrupted':
      return 'a run was stopped while it was being built';
    case 'sql':
      return 'SQL changed';
    case 'data':
      return 'file changed';
    case 'config':
      return `config changed: ${list}`;
    case 'macros':
      return `macro changed: ${names.map((id) => id.split('.').at(-1)).join(', ')}`;
    case 'models':
      return `trained model changed: ${names.join(', ')}`;
    case 'relation':
      return 'goes to another place';
    case 'contract':
      return 'contract changed';
    case 'compiled':
      return 'compiles to other SQL (a variable, the environment or a query)';
    case 'upstream':
      return `upstream changed: ${list}`;
  }
}

/** What a change is to others, in a few words. */
export const IMPACTS: Readonly<Record<Impact, string>> = {
  breaking: 'breaking',
  risky: 'breaking for readers outside of the project',
  additive: 'columns added',
  values: 'same columns',
  unknown: 'columns not known',
  none: '',
};

function impactText(impact: Impact, style: Style): string {
  if (impact === 'none') return '';
  const colour = {
    breaking: style.red,
    risky: style.yellow,
    additive: style.green,
    values: style.dim,
    unknown: style.dim,
  };
  return colour[impact](`  [${IMPACTS[impact]}]`);
}

function changeText({ name, change, before, after, to }: ColumnChange, { breaks }: PlannedNode, style: Style): string {
  const users = breaks.filter(({ columns }) => columns.includes(name)).map((user) => user.name);
  const used = users.length > 0 ? style.red(`  named by ${users.join(', ')}`) : '';
  switch (change) {
    case 'added':
      return style.green(`+ ${name}${after === null ? '' : ` ${after}`}`);
    case 'removed':
      return `${style.red(`- ${name} ${before}`)}${used}`;
    case 'renamed':
      return `${style.red(`- ${name} ${before}, now ${to}`)}${used}`;
    case 'type':
      return `${style.yellow(`~ ${name} ${before}, now ${after}`)}${used}`;
  }
}
