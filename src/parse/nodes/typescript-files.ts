/** TypeScript models: their config is read from the text, nothing is run. */
import { type ConfigMap, defaultConfig } from '../config.js';
import { recordRef, recordSource } from '../context/parse-members.js';
import { sha256 } from '../hash.js';
import type { NodeConfig } from '../node.js';
import type { ParsedProject } from '../state.js';
import { configureNode } from './configure.js';
import { createNode, fqnOf } from './factory.js';
import { collect } from './read-template.js';
import { addNode, type SourceText } from './sql-files.js';

type Reader = typeof import('../typescript/index.js').readTypescriptModel;

/** A `models/**\/*.ts` file with a `config` export; files without one are helpers of models and are passed over. */
export function readTypescriptFile(parsed: ParsedProject, file: SourceText, read: Reader, createdAt: number): void {
  collect(
    parsed,
    () => {
      const model = read(file.text, file.absolutePath);
      if (model === null) return;
      const name = (file.path.split('/').at(-1) ?? file.path).replace(/\.ts$/, '');
      const node = createNode({
        resourceType: 'model',
        packageName: file.packageName,
        name,
        path: file.path,
        originalFilePath: file.originalFilePath,
        fqn: fqnOf(file.packageName, file.path, name),
        rawCode: file.text.trim(),
        language: 'typescript',
        checksum: sha256(file.text.trim()),
        database: parsed.adapter.database,
        schema: parsed.adapter.schema,
        config: defaultConfig('model') as unknown as NodeConfig,
        createdAt,
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
    (file.path.split('/').at(-1) ?? file.path).replace(/\.ts$/, ''),
  );
}
