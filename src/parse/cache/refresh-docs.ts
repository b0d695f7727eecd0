/** Reading again a file of docs blocks of a kept parse, where the same blocks have other contents. */
import type { SourceFile } from '../files.js';
import { emptyManifest } from '../manifest.js';
import type { DocNode } from '../node.js';
import { readDocsFile } from '../nodes/docs-file.js';
import { collect } from '../nodes/read-template.js';
import type { SourceReader } from '../source-reader.js';
import type { ParsedProject } from '../state.js';

/** The blocks whose contents have changed; undefined where a whole parse is needed. */
export function refreshDocs(
  parsed: ParsedProject,
  file: SourceFile,
  reader: SourceReader,
): readonly DocNode[] | undefined {
  const { project, adapter, invocation, manifest } = parsed;
  const fresh = { ...parsed, manifest: emptyManifest(project, adapter, invocation), diagnostics: [] };
  collect(fresh, () => readDocsFile(fresh, { ...file, text: reader.text(file.absolutePath) }));
  const before = Object.values(manifest.docs).filter(
    (doc) => doc.package_name === file.packageName && doc.original_file_path === file.originalFilePath,
  );
  const { docs } = fresh.manifest;
  if (fresh.diagnostics.length > 0 || String(Object.keys(docs)) !== String(before.map((doc) => doc.unique_id)))
    return undefined;
  const changed = before.flatMap((old) => {
    const now = docs[old.unique_id];
    return now === undefined || now.block_contents === old.block_contents ? [] : [now];
  });
  Object.assign(manifest.docs, docs);
  return changed;
}

/** The properties files in which one of these blocks may be asked for. */
export function describedBy(
  blocks: readonly DocNode[],
  files: Iterable<SourceFile>,
  reader: SourceReader,
): readonly SourceFile[] {
  if (blocks.length === 0) return [];
  return [...files].filter((file) => {
    if (file.kind !== 'properties') return false;
    const text = reader.text(file.absolutePath);
    const calls = text.match(/\bdoc\b/g)?.length ?? 0;
    if (calls === 0) return false;
    const named = text.match(/\bdoc\(\s*(?:(?:'[^']*'|"[^"]*")\s*,\s*)?(?:'[^']*'|"[^"]*")\s*\)/g) ?? [];
    // A name that is put together may be any.
    return named.length < calls || named.some((call) => blocks.some(({ name }) => call.includes(name)));
  });
}
