import type { Manifest } from '../parse/node.js';
import { toJson } from '../run/exact-json.js';
import { hash, macroHashes, type Parts } from './fingerprint.js';

/** What of a unit test decides what it says. */
interface UnitTest {
  readonly given?: unknown;
  readonly expect?: unknown;
  readonly overrides?: unknown;
  readonly depends_on?: { readonly nodes?: readonly string[] };
}

/** A key for each data test and unit test, the same for as long as the test and all that it reads are the same. */
export function checkKeys(manifest: Manifest, parts: ReadonlyMap<string, Parts>): ReadonlyMap<string, string> {
  const macros = macroHashes(manifest);
  const keys = new Map<string, string>();
  const versions = (ids: readonly string[]): unknown =>
    [...new Set(ids)].sort().map((id) => parts.get(id)?.version ?? manifest.sources[id]?.relation_name ?? id);
  for (const node of Object.values(manifest.nodes)) {
    if (node.resource_type !== 'test') continue;
    const { unique_id: id, raw_code, test_metadata, unrendered_config, depends_on } = node;
    const own = [id, raw_code, test_metadata?.kwargs ?? null, unrendered_config, macros(node)];
    keys.set(id, hash(toJson([own, versions(depends_on.nodes)])));
  }
  for (const [id, test] of Object.entries(manifest.unit_tests)) {
    const { given, expect, overrides, depends_on } = test as UnitTest;
    keys.set(id, hash(toJson([id, given, expect, overrides, versions(depends_on?.nodes ?? [])])));
  }
  return keys;
}
