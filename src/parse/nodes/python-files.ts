/** dbt's Python models: upsql does not run them, but what refers to them and what they refer to is known. */
import { problem } from '../../diagnostics/index.js';
import { type ConfigMap, defaultConfig } from '../config.js';
import { recordRef, recordSource } from '../context/parse-members.js';
import { sha256 } from '../hash.js';
import type { NodeConfig } from '../node.js';
import { strip } from '../python-strip.js';
import type { ParsedProject } from '../state.js';
import { configureNode } from './configure.js';
import { createNode, fqnOf } from './factory.js';
import { collect } from './read-template.js';
import { parseReference } from './references.js';
import { addNode, type SourceText, stem } from './sql-files.js';

const CALL = /\bdbt\.(ref|source|config)\s*\(([^()]*)\)/g;
const OPTION = /(\w+)\s*=\s*(?:(['"])(.*?)\2|(True|False|\d+))/g;

function options(text: string): ConfigMap {
  return Object.fromEntries(
    [...text.matchAll(OPTION)].map(([, key = '', , string, other]) => [
      key,
      string ?? (other === 'True' ? true : other === 'False' ? false : Number(other)),
    ]),
  );
}

/** A `models/**\/*.py` file. Its literal `dbt.ref()`, `dbt.source()` and `dbt.config()` calls are read; a warning tells the rest. */
export function readPythonFile(parsed: ParsedProject, file: SourceText, createdAt: number): void {
  collect(parsed, () => {
    const code = strip(file.text);
    const name = stem(file.path);
    const node = createNode({
      resourceType: 'model',
      packageName: file.packageName,
      name,
      path: file.path,
      originalFilePath: file.originalFilePath,
      fqn: fqnOf(file.packageName, file.path, name),
      rawCode: code,
      language: 'python',
      checksum: sha256(code),
      database: parsed.adapter.database,
      schema: parsed.adapter.schema,
      config: defaultConfig('model') as unknown as NodeConfig,
      createdAt,
    });
    parsed.origins.set(node.unique_id, { file: file.absolutePath, line: 1 });
    let config: ConfigMap = {};
    for (const [, call, inside = ''] of code.matchAll(CALL)) {
      const found = call === 'config' ? undefined : parseReference(`${call}(${inside})`);
      if (call === 'config') config = { ...config, ...options(inside) };
      else if (found?.kind === 'ref') recordRef(node, found.ref);
      else if (found?.kind === 'source') recordSource(node, found.source);
    }
    parsed.configCalls.set(node.unique_id, { materialized: 'table', ...config });
    configureNode(parsed, node);
    addNode(parsed, node);
    if (node.config.enabled !== false)
      parsed.diagnostics.push(
        problem('python-model', `Model '${name}' is written in Python, which upsql does not run.`, {
          severity: 'warning',
          place: { file: file.absolutePath, line: 1, column: 1 },
          hint: `Rewrite it as ${name}.ts (upsql's models in code) or in SQL; or leave it out with --exclude ${name}.`,
        }),
      );
  });
}
