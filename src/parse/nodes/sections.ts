/** The sections of properties YAML whose entries are nodes of their own, by the section's name. */
import { readExposure } from './exposures.js';
import { readGroup } from './groups.js';
import { readMetric } from './metrics.js';
import { readSavedQuery } from './saved-queries.js';
import type { SectionContext } from './section-node.js';
import { readSemanticModel } from './semantic-models.js';

type SectionReader = (context: SectionContext) => void;

const READERS: ReadonlyMap<string, SectionReader> = new Map([
  ['exposures', readExposure],
  ['groups', readGroup],
  ['metrics', (context) => readMetric(context)],
  ['semantic_models', readSemanticModel],
  ['saved_queries', readSavedQuery],
]);

/** The readers; the one of unit tests is imported only where a project has some, since it needs a CSV parser. */
export async function sectionReaders(kinds: ReadonlySet<string>): Promise<ReadonlyMap<string, SectionReader>> {
  if (!kinds.has('unit_tests')) return READERS;
  const { readUnitTest } = await import('./unit-tests.js');
  return new Map([...READERS, ['unit_tests', readUnitTest]]);
}
