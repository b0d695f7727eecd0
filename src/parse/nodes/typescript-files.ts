/** TypeScript models: their config is read from the text, nothing is run. */
import type { ConfigMap } from '../config.js';
import { recordRef, recordSource } from '../context/parse-members.js';
import { sha256 } from '../hash.js';
import type { ParsedProject } from '../state.js';
import { configureNode } from './configure.js';
import { collect } from './read-template.js';
import { addNode, blank, type SourceText, stem } from './sql-files.js';

type Reader = typeof import('../typescript/index.js').readTypescriptModel;

/** A `models/**\/*.ts` file with a `config` export; files without one are helpers of models and are passed over. */
export function readTypescriptFile(parsed: ParsedProject, file: SourceText, read: Reader, createdAt: number): void {
  const name = stem(file.path);
  collect(
    parsed,
    () => {
      const model = read(file.text, file.absolutePath);
      if (model === null) return;
      const code = file.text.trim();
      const node = blank(parsed, 'model', file, name, code, file.path, createdAt, {
        language: 'typescript',
        checksum: sha256(code),
      });
      parsed.origins.set(node.unique_id, { file: file.absolutePath, line: 1 });
      for (const ref of model.refs) {
        const [packageName, own] = ref.includes('.') ? ref.split('.', 2) : [null, ref];
        recordRef(node, { name: own ?? ref, package: packageName ?? null, version: null });
      }
      for (const source of model.sources) recordSource(node, [...source]);
      const { refs: _refs, sources: _sources, description, ...config } = model.config;
      if (typeof description === 'string') node.description = description;
      parsed.configCalls.set(node.unique_id, { materialized: 'table', ...(config as ConfigMap) });
      configureNode(parsed, node);
      addNode(parsed, node);
    },
    name,
  );
}
