/** `exposures:`: what uses the project's models from outside. */
import type { OtherNode } from '../node.js';
import { mapOf, textOrNull, texts } from '../shape.js';
import { readReferences } from './references.js';
import { addSectionNode, type SectionContext, sectionConfig, sectionFqn, sectionNode } from './section-node.js';

export function readExposure(context: SectionContext): void {
  const { parsed, entry } = context;
  const { raw } = entry;
  const fqn = sectionFqn(entry, entry.name);
  const { config, unrendered } = sectionConfig(context, 'exposure', fqn);
  config.tags = [...new Set([...texts(raw.tags), ...texts(config.tags)])].sort();
  config.meta = { ...mapOf(raw.meta), ...config.meta };
  const node: OtherNode = {
    ...sectionNode(context, 'exposure'),
    fqn,
    type: raw.type ?? null,
    owner: { email: null, name: null, ...mapOf(raw.owner) },
    description: textOrNull(raw.description) ?? '',
    label: raw.label ?? null,
    maturity: raw.maturity ?? null,
    url: raw.url ?? null,
    meta: config.meta,
    tags: config.tags,
    config,
    unrendered_config: unrendered,
    depends_on: { macros: [], nodes: [] },
    ...readReferences(parsed, entry, Array.isArray(raw.depends_on) ? raw.depends_on : [], 'depends_on'),
  };
  addSectionNode(context, 'exposures', node);
}
