/** Dependencies of metrics, semantic models and saved queries on each other and on models. */
import { didYouMean, problem } from '../diagnostics/index.js';
import type { OtherNode } from './node.js';
import type { Raw } from './shape.js';
import { mapOf, mapsOf } from './shape.js';
import type { ParsedProject } from './state.js';

function fail(parsed: ParsedProject, node: OtherNode, code: string, message: string, hint: string | undefined): void {
  const place = parsed.places.get(node.unique_id);
  parsed.diagnostics.push(
    problem(code, message, { ...(place === undefined ? {} : { place }), ...(hint === undefined ? {} : { hint }) }),
  );
}

function depend(node: OtherNode, id: string): void {
  const nodes = node.depends_on?.nodes;
  if (nodes !== undefined && !nodes.includes(id)) nodes.push(id);
}

/** The first of the nodes by name: the root project's, the asking node's package's, then any. */
function pick(parsed: ParsedProject, found: readonly OtherNode[], asker: OtherNode): OtherNode | undefined {
  for (const name of [parsed.project.config.name, asker.package_name]) {
    const own = found.find((node) => node.package_name === name);
    if (own !== undefined) return own;
  }
  return found[0];
}

class Semantics {
  readonly #measures = new Map<string, OtherNode[]>();
  readonly #metrics = new Map<string, OtherNode[]>();
  readonly #done = new Set<string>();

  constructor(readonly parsed: ParsedProject) {
    for (const model of Object.values(parsed.manifest.semantic_models))
      for (const measure of mapsOf(model.measures)) this.#put(this.#measures, String(measure.name), model);
    for (const metric of Object.values(parsed.manifest.metrics)) this.#put(this.#metrics, metric.name, metric);
  }

  #put(table: Map<string, OtherNode[]>, name: string, node: OtherNode): void {
    const list = table.get(name);
    if (list === undefined) table.set(name, [node]);
    else list.push(node);
  }

  /** A metric by name; a diagnostic where there is none or it is disabled. */
  metric(name: string, asker: OtherNode): OtherNode | undefined {
    const found = pick(this.parsed, this.#metrics.get(name) ?? [], asker);
    if (found !== undefined) return found;
    const disabled = Object.values(this.parsed.manifest.disabled)
      .flat()
      .some((node) => node.resource_type === 'metric' && node.name === name);
    const what = `${asker.resource_type.replace('_', ' ')} '${asker.name}' uses the metric '${name}'`;
    if (disabled)
      fail(this.parsed, asker, 'disabled-metric', `${what}, which is disabled.`, 'Enable it, or use another.');
    else
      fail(
        this.parsed,
        asker,
        'unknown-metric',
        `${what}, which does not exist.`,
        didYouMean(name, this.#metrics.keys()),
      );
    return undefined;
  }

  /** Fills a metric's input measures and dependencies; those of the metrics it is made of come first. */
  resolveMetric(metric: OtherNode): void {
    if (this.#done.has(metric.unique_id)) return;
    this.#done.add(metric.unique_id);
    const params = metric.type_params as Record<string, unknown>;
    const inputs: Raw[] = [];
    const add = (measure: unknown) => {
      const text = JSON.stringify(measure);
      if (!inputs.some((known) => JSON.stringify(known) === text)) inputs.push(measure as Raw);
    };
    if (metric.type === 'derived' || metric.type === 'ratio') {
      const parts = metric.type === 'ratio' ? [params.numerator, params.denominator] : (params.metrics as unknown[]);
      for (const part of parts) {
        const target = this.metric(String(mapOf(part).name), metric);
        if (target === undefined) continue;
        this.resolveMetric(target);
        for (const measure of mapOf(target.type_params).input_measures as unknown[]) add(measure);
        depend(metric, target.unique_id);
      }
    } else {
      const conversion = mapOf(params.conversion_type_params);
      const measures =
        metric.type === 'conversion' ? [conversion.base_measure, conversion.conversion_measure] : [params.measure];
      for (const measure of measures) {
        if (measure === null || measure === undefined) continue;
        add(measure);
        this.#dependOnMeasure(metric, String(mapOf(measure).name));
      }
    }
    params.input_measures = inputs;
  }

  #dependOnMeasure(metric: OtherNode, name: string): void {
    const model = pick(this.parsed, this.#measures.get(name) ?? [], metric);
    if (model !== undefined) depend(metric, model.unique_id);
    else
      fail(
        this.parsed,
        metric,
        'unknown-measure',
        `metric '${metric.name}' uses the measure '${name}', which no semantic model has.`,
        didYouMean(name, this.#measures.keys()),
      );
  }
}

function setNodeRelation(parsed: ParsedProject, model: OtherNode): void {
  const id = model.depends_on?.nodes[0];
  const node = id === undefined ? undefined : parsed.manifest.nodes[id];
  if (node === undefined) return;
  const { alias, schema, database, relation_name } = node;
  model.node_relation = { alias, schema_name: schema, database, relation_name };
}

/** To be called when refs are resolved: semantic models have their model then. */
export function resolveSemantics(parsed: ParsedProject): void {
  const { manifest } = parsed;
  for (const model of Object.values(manifest.semantic_models)) setNodeRelation(parsed, model);
  const semantics = new Semantics(parsed);
  for (const metric of Object.values(manifest.metrics)) semantics.resolveMetric(metric);
  for (const query of Object.values(manifest.saved_queries)) {
    for (const name of mapOf(query.query_params).metrics as string[]) {
      const metric = semantics.metric(name, query);
      if (metric !== undefined) depend(query, metric.unique_id);
    }
  }
  for (const node of [...Object.values(manifest.exposures), ...Object.values(manifest.nodes)]) {
    for (const reference of (node.metrics ?? []) as string[][]) {
      const metric = semantics.metric(reference.at(-1) ?? '', node as OtherNode);
      if (metric !== undefined) depend(node as OtherNode, metric.unique_id);
    }
  }
}
