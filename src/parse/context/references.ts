/** What `ref()` and `source()` give while nodes run: the relation, its filters, and where it is deferred to. */
import { didYouMean } from '../../diagnostics/index.js';
import { type CallArguments, DateTime, str } from '../../jinja/index.js';
import { findRef, findSource } from '../lookup.js';
import type { ColumnSpec, Node, SourceNode } from '../node.js';
import {
  type EventTimeFilter,
  ephemeralRelation,
  nodeRelation,
  type Relation,
  renderRelation,
  sourceRelation,
} from '../relation.js';
import type { ParsedProject } from '../state.js';
import { refArguments, sourceArguments } from './parse-members.js';
import { RelationValue } from './relation-value.js';

/** A span of time: from `start` on, up to but without `end`. */
export interface EventWindow {
  readonly start: Date;
  readonly end: Date;
}

/** How references of a node are resolved. */
export interface ReferenceServices {
  readonly parsed: ParsedProject;
  readonly selected: readonly string[];
  /** `--empty`: every ref and source reads as no rows. */
  readonly empty: boolean;
  /** `--sample`: what refs and sources with an event_time are cut to. */
  readonly sample: EventWindow | undefined;
  /** `--defer`; undefined without it. */
  readonly deferral: Deferral | undefined;
  /** A ref to an ephemeral model was rendered. */
  readonly onEphemeral: (node: Node) => void;
}

export interface Deferral {
  /** `--favor-state`: what is not selected is read from the state even where it is built. */
  readonly favorState: boolean;
  /** Whether a node's own relation is there. */
  readonly exists: (node: Node) => Promise<boolean>;
}

/** The batch of a microbatch model that its node's copy stands for. */
export interface NodeBatch {
  readonly id: string;
  readonly event_time_start: DateTime;
  readonly event_time_end: DateTime;
}

/** Where the state has a node: dbt's `defer_relation`. */
export interface DeferRelation {
  readonly database: string | null;
  readonly schema: string | null;
  readonly alias: string;
  readonly relation_name: string | null;
}

/** The relation that `ref()` with these arguments stands for in `node`. Throws a plain Error when there is none. */
export function resolveRef(
  services: ReferenceServices,
  node: Node,
  args: CallArguments,
): RelationValue | Promise<RelationValue> {
  const { parsed } = services;
  const ref = refArguments(args);
  const found = findRef(parsed.lookup, ref, parsed.project.config.name, node.package_name);
  if (found.kind !== 'found') {
    const near = didYouMean(ref.name, parsed.lookup.refs.keys());
    throw new Error(
      `ref('${ref.name}') ${found.kind === 'disabled' ? 'is disabled' : 'does not exist'}.${near === undefined ? '' : ` ${near}`}`,
    );
  }
  const target = found.node;
  const isHookOrTest = node.resource_type === 'operation' || node.resource_type === 'test';
  if (!isHookOrTest && !node.depends_on.nodes.includes(target.unique_id) && target.unique_id !== node.unique_id) {
    throw new Error(
      `ref('${ref.name}') was not seen while parsing, so '${target.name}' might not be built before '${node.name}'. ` +
        `Name it where it is always read: -- depends_on: {{ ref('${ref.name}') }}`,
    );
  }
  const relation = refRelation(services, node, target);
  return relation instanceof Promise ? relation.then((value) => new RelationValue(value)) : new RelationValue(relation);
}

/** The relation of `target` as `node` reads it. */
export function refRelation(services: ReferenceServices, node: Node, target: Node): Relation | Promise<Relation> {
  const { parsed, deferral } = services;
  const { dialect } = parsed.adapter;
  const read = (relation: Relation): Relation => filtered(services, node, target, relation);
  if (target.config.materialized === 'ephemeral' && target.resource_type === 'model') {
    services.onEphemeral(target);
    return read(ephemeralRelation(target, dialect));
  }
  const { quoting } = parsed.project.config;
  const own = (): Relation => read(nodeRelation(target, dialect, quoting));
  const elsewhere = target.defer_relation as DeferRelation | undefined;
  if (deferral === undefined || elsewhere === undefined) return own();
  const { database, schema, alias } = elsewhere;
  const deferred = (): Relation => read(nodeRelation({ ...target, database, schema, alias }, dialect, quoting));
  if (deferral.favorState && !services.selected.includes(target.unique_id)) return deferred();
  return deferral.exists(target).then((exists) => (exists ? own() : deferred()));
}

/** The relation that `source()` with these arguments stands for in `node`. Throws a plain Error when there is none. */
export function resolveSource(services: ReferenceServices, node: Node, args: CallArguments): RelationValue {
  const { parsed } = services;
  const [name, table] = sourceArguments(args);
  const found = findSource(parsed.lookup, name, table, parsed.project.config.name, node.package_name);
  if (found.kind !== 'found') {
    const near = didYouMean(`${name}.${table}`, parsed.lookup.sources.keys());
    throw new Error(
      `source('${name}', '${table}') ${found.kind === 'disabled' ? 'is disabled' : 'does not exist'}.${near === undefined ? '' : ` ${near}`}`,
    );
  }
  return new RelationValue(readSourceRelation(services, node, found.node));
}

/** The relation of `source` as `node` reads it. */
export function readSourceRelation(services: ReferenceServices, node: Node, source: SourceNode): Relation {
  const { adapter } = services.parsed;
  return filtered(services, node, source, sourceRelation(source, adapter.dialect, adapter.type));
}

/** An input of a TypeScript model as it stands in SQL. */
export async function readInput(services: ReferenceServices, node: Node, input: Node | SourceNode): Promise<string> {
  const relation =
    input.resource_type === 'source'
      ? readSourceRelation(services, node, input as SourceNode)
      : await refRelation(services, node, input as Node);
  return renderRelation(relation);
}

function filtered(services: ReferenceServices, node: Node, target: Node | SourceNode, relation: Relation): Relation {
  const eventTime = eventTimeFilter(node, target, services.sample, relation.quoteCharacter);
  if (eventTime === null && !services.empty) return relation;
  return { ...relation, eventTime, limit: services.empty ? 0 : null };
}

/**
 * The span of time that a model or snapshot reads of an input with an `event_time`: its batch, its sample, or what both
 * have in common.
 */
function eventTimeFilter(
  node: Node,
  target: Node | SourceNode,
  sample: EventWindow | undefined,
  quoteCharacter: string,
): EventTimeFilter | null {
  const { event_time } = target.config as { readonly event_time?: unknown };
  if (typeof event_time !== 'string' || event_time === '') return null;
  if (node.resource_type !== 'model' && node.resource_type !== 'snapshot') return null;
  const batch = node.batch as NodeBatch | undefined;
  if (batch === undefined && sample === undefined) return null;
  const starts = [batch?.event_time_start, momentOf(sample?.start)].filter((time) => time !== undefined);
  const ends = [batch?.event_time_end, momentOf(sample?.end)].filter((time) => time !== undefined);
  return {
    field: isQuoted(target, event_time) ? `${quoteCharacter}${event_time}${quoteCharacter}` : event_time,
    start:
      starts
        .map((time) => str(time))
        .sort()
        .at(-1) ?? '',
    end: ends.map((time) => str(time)).sort()[0] ?? '',
  };
}

const momentOf = (date: Date | undefined): DateTime | undefined =>
  date === undefined ? undefined : DateTime.ofDate(date);

/** Whether a column's name is to be quoted: as the column says, else as its source does. */
function isQuoted(target: Node | SourceNode, name: string): boolean {
  const columns: readonly ColumnSpec[] = Object.values(target.columns);
  const own = columns.find((column) => column.name === name)?.quote;
  const { column } = (target.quoting ?? {}) as { readonly column?: boolean | null };
  return own ?? column ?? false;
}
