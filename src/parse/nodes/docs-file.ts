/** `{% docs %}` blocks of a Markdown file. */
import { problem } from '../../diagnostics/index.js';
import { extractBlocks } from '../../jinja/index.js';
import type { ParsedProject } from '../state.js';
import type { SourceText } from './sql-files.js';

export function readDocsFile(parsed: ParsedProject, file: SourceText): void {
  if (!file.text.includes('{%')) return;
  for (const block of extractBlocks({ text: file.text, file: file.absolutePath }, ['docs'])) {
    const id = `doc.${file.packageName}.${block.name}`;
    const before = parsed.manifest.docs[id];
    if (before !== undefined) {
      parsed.diagnostics.push(
        problem('duplicate-docs', `Two docs blocks are named '${block.name}'.`, {
          place: block.place,
          hint: `The other one is in ${before.original_file_path}. Rename one of them.`,
        }),
      );
      continue;
    }
    parsed.manifest.docs[id] = {
      name: block.name,
      resource_type: 'doc',
      package_name: file.packageName,
      path: file.path,
      original_file_path: file.originalFilePath,
      unique_id: id,
      block_contents: block.contents.trim(),
    };
  }
}
