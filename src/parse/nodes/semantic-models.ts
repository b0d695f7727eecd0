/** `semantic_models:` with their entities, dimensions and measures. */
import type { OtherNode } from '../node.js';
import { isMap, mapOf, mapsOf, type Raw, texts } from '../shape.js';
import { readMetric } from './metrics.js';
import { readReferences } from './references.js';
import { addSectionNode, type SectionContext, sectionConfig, sectionFqn, sectionNode } from './section-node.js';

type Meta = Readonly<Record<string, unknown>>;

/** An element's config: its own meta laid over the semantic model's. */
function elementConfig(given: Raw, inherited: Meta): Raw {
  return { meta: { ...inherited, ...mapOf(mapOf(given.config).meta) } };
}

function described(given: Raw): Raw {
  return { name: given.name ?? null, description: given.description ?? null, label: given.label ?? null };
}

const exprText = (expr: unknown): string | null =>
  expr === undefined || expr === null ? null : expr === true ? 'True' : expr === false ? 'False' : String(expr);

function entity(given: Raw, meta: Meta): Raw {
  return {
    ...described(given),
    type: given.type ?? null,
    role: given.role ?? null,
    expr: exprText(given.expr),
    config: elementConfig(given, meta),
  };
}

function dimension(given: Raw, meta: Meta): Raw {
  const params = given.type_params;
  const validity = isMap(params) ? params.validity_params : null;
  return {
    ...described(given),
    type: given.type ?? null,
    is_partition: given.is_partition ?? false,
    type_params: isMap(params)
      ? {
          time_granularity: params.time_granularity ?? null,
          validity_params: isMap(validity)
            ? { is_start: validity.is_start ?? false, is_end: validity.is_end ?? false }
            : null,
        }
      : null,
    expr: exprText(given.expr),
    metadata: null,
    config: elementConfig(given, meta),
  };
}

function measure(given: Raw, meta: Meta): Raw {
  const params = given.agg_params;
  const additive = given.non_additive_dimension;
  return {
    ...described(given),
    agg: given.agg ?? null,
    create_metric: false,
    expr: exprText(given.expr),
    agg_params: isMap(params)
      ? {
          percentile: params.percentile ?? null,
          use_discrete_percentile: params.use_discrete_percentile ?? false,
          use_approximate_percentile: params.use_approximate_percentile ?? false,
        }
      : null,
    non_additive_dimension: isMap(additive)
      ? {
          name: additive.name ?? null,
          window_choice: additive.window_choice ?? null,
          window_groupings: texts(additive.window_groupings),
        }
      : null,
    agg_time_dimension: given.agg_time_dimension ?? null,
    config: elementConfig(given, meta),
  };
}

/** A metric made of a measure that asks for one. */
function measureMetric(given: Raw, enabled: unknown, meta: Meta): Raw {
  const name = String(given.name);
  return {
    name,
    label: given.label ?? name,
    type: 'simple',
    type_params: { measure: name, expr: given.expr ?? name },
    description: given.description ?? `Metric created from measure ${name}`,
    config: { enabled, meta },
  };
}

export function readSemanticModel(context: SectionContext): void {
  const { parsed, entry } = context;
  const { raw } = entry;
  const fqn = sectionFqn(entry, entry.name);
  const { config, unrendered } = sectionConfig(context, 'semantic_model', fqn);
  const meta = config.meta ?? {};
  const { refs } = readReferences(parsed, entry, [raw.model], 'model');
  const node: OtherNode = {
    ...sectionNode(context, 'semantic_model'),
    fqn,
    model: raw.model ?? null,
    node_relation: null,
    description: raw.description ?? null,
    label: raw.label ?? null,
    defaults: isMap(raw.defaults) ? { agg_time_dimension: raw.defaults.agg_time_dimension ?? null } : null,
    entities: mapsOf(raw.entities).map((e) => entity(e, meta)),
    measures: mapsOf(raw.measures).map((m) => measure(m, meta)),
    dimensions: mapsOf(raw.dimensions).map((d) => dimension(d, meta)),
    metadata: null,
    depends_on: { macros: [], nodes: [] },
    refs,
    config,
    unrendered_config: unrendered,
    primary_entity: raw.primary_entity ?? null,
    group: config.group ?? null,
  };
  addSectionNode(context, 'semantic_models', node);
  for (const given of mapsOf(raw.measures))
    if (given.create_metric === true) readMetric(context, measureMetric(given, config.enabled, meta));
}
