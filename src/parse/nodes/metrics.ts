/** `metrics:` as dbt's manifest holds them for the semantic layer. */
import { problem, UpsqlError } from '../../diagnostics/index.js';
import type { OtherNode } from '../node.js';
import { isMap, mapOf, type Raw, textOrNull, texts } from '../shape.js';
import { addSectionNode, type SectionContext, sectionConfig, sectionFqn, sectionNode } from './section-node.js';

const GRAINS = ['nanosecond', 'microsecond', 'millisecond', 'second', 'minute', 'hour', 'day', 'week', 'month'].concat([
  'quarter',
  'year',
]);

/** A filter as a list of conditions that all hold; null without one. */
export function whereFilter(value: unknown): { where_filters: { where_sql_template: string }[] } | null {
  if (value === undefined || value === null) return null;
  return { where_filters: texts(value).map((text) => ({ where_sql_template: text })) };
}

/** `28 days` as a count and a grain without its plural. Throws UpsqlError for another form. */
function timeWindow({ entry }: SectionContext, value: unknown): { count: number; granularity: string } | null {
  if (value === undefined || value === null) return null;
  const [count = '', grain = '', ...more] = String(value).toLowerCase().split(' ');
  if (!/^\d+$/.test(count) || grain === '' || more.length > 0) {
    throw new UpsqlError(
      problem('invalid-window', `'${String(value)}' is not a window of time.`, {
        place: entry.place,
        hint: 'Write a count and a grain, such as 28 days.',
      }),
    );
  }
  const singular = grain.replace(/s$/, '');
  return { count: Number(count), granularity: GRAINS.includes(singular) ? singular : grain };
}

function inputMeasure(value: unknown): Raw | null {
  if (value === undefined || value === null) return null;
  const given: Raw = isMap(value) ? value : { name: String(value) };
  return {
    name: given.name ?? null,
    filter: whereFilter(given.filter),
    alias: given.alias ?? null,
    join_to_timespine: given.join_to_timespine ?? false,
    fill_nulls_with: given.fill_nulls_with ?? null,
  };
}

function inputMetric(context: SectionContext, value: unknown): Raw | null {
  if (value === undefined || value === null) return null;
  const given: Raw = isMap(value) ? value : { name: String(value) };
  return {
    name: given.name ?? null,
    filter: whereFilter(given.filter),
    alias: given.alias ?? null,
    offset_window: timeWindow(context, given.offset_window),
    offset_to_grain: given.offset_to_grain ?? null,
  };
}

function conversion(context: SectionContext, value: unknown): Raw | null {
  if (!isMap(value)) return null;
  return {
    base_measure: inputMeasure(value.base_measure),
    conversion_measure: inputMeasure(value.conversion_measure),
    entity: value.entity ?? null,
    calculation: value.calculation ?? 'conversion_rate',
    window: timeWindow(context, value.window),
    constant_properties: value.constant_properties ?? null,
  };
}

/** Cumulative metrics may have their window beside the other parameters, where it stood before. */
function cumulative(context: SectionContext, type: string, given: Raw): Raw | null {
  if (type.toLowerCase() !== 'cumulative') return null;
  const own = mapOf(given.cumulative_type_params);
  return {
    window: timeWindow(context, own.window ?? given.window),
    grain_to_date: own.grain_to_date ?? given.grain_to_date ?? null,
    period_agg: own.period_agg ?? 'first',
    metric: null,
  };
}

function typeParams(context: SectionContext, type: string, given: Raw): Record<string, unknown> {
  const { expr } = given;
  return {
    measure: inputMeasure(given.measure),
    input_measures: [],
    numerator: inputMetric(context, given.numerator),
    denominator: inputMetric(context, given.denominator),
    expr: expr === undefined || expr === null ? null : expr === true ? 'True' : expr === false ? 'False' : String(expr),
    window: timeWindow(context, given.window),
    grain_to_date: given.grain_to_date ?? null,
    metrics: (Array.isArray(given.metrics) ? given.metrics : []).map((m) => inputMetric(context, m)),
    conversion_type_params: conversion(context, given.conversion_type_params),
    cumulative_type_params: cumulative(context, type, given),
    metric_aggregation_params: null,
  };
}

/** Reads a metric, from its own entry or made of a measure (`create_metric: true`). Throws UpsqlError for a bad window. */
export function readMetric(context: SectionContext, raw: Raw = context.entry.raw): void {
  const { entry } = context;
  const name = String(raw.name);
  const fqn = sectionFqn(entry, name);
  const { config, unrendered } = sectionConfig(context, 'metric', fqn, mapOf(raw.config));
  const type = String(raw.type ?? '');
  const node: OtherNode = {
    ...sectionNode(context, 'metric', name),
    fqn,
    description: textOrNull(raw.description) ?? '',
    label: raw.label ?? null,
    type: type.toLowerCase(),
    type_params: typeParams(context, type, mapOf(raw.type_params)),
    filter: whereFilter(raw.filter),
    metadata: null,
    time_granularity: raw.time_granularity ?? null,
    meta: Object.keys(config.meta ?? {}).length > 0 ? config.meta : mapOf(raw.meta),
    tags: texts(raw.tags),
    config,
    unrendered_config: unrendered,
    sources: [],
    depends_on: { macros: [], nodes: [] },
    refs: [],
    metrics: [],
    group: config.group ?? null,
  };
  addSectionNode(context, 'metrics', node);
}
