/** Properties files as entries, rendered in the scope of their package. */
import * as jinja from '../jinja/index.js';
import { type Package, type PropertyEntry, readProperties, renderProperties, textRenderer } from '../project/index.js';
import { yamlScope } from './context/scopes.js';
import type { SourceText } from './nodes/sql-files.js';
import type { ParsedProject } from './state.js';

/**
 * Throws UpsqlError for what is wrong in the file; warnings go to the project's diagnostics. As dbt does it, white space at
 * the end of the file is no part of the last text in it.
 */
export function readPropertyFile(parsed: ParsedProject, owner: Package, file: SourceText): PropertyEntry[] {
  const source = {
    file: file.absolutePath,
    path: file.path,
    originalFilePath: file.originalFilePath,
    packageName: owner.name,
  };
  const { entries, diagnostics } = readProperties(source, file.text.trimEnd());
  parsed.diagnostics.push(...diagnostics);
  // Texts of more than one line lose their last line break, as all texts that dbt renders.
  const rendered = /\{[{%#]|[|>][-+\d]*\s*(?:#.*)?$|\\n/m.test(file.text);
  if (!rendered && entries.every((entry) => entry.dated === entry.raw)) return [...entries];
  const scope = yamlScope(parsed, owner.name);
  const render = textRenderer(jinja, () => scope);
  return entries.map((entry) => renderProperties(entry, render));
}
