/** `{% docs %}` blocks of a Markdown file. */
import { problem } from '../../diagnostics/index.js';
import { type Block, extractBlocks, Template } from '../../jinja/index.js';
import { strip } from '../python-strip.js';
import type { ParsedProject } from '../state.js';
import type { SourceText } from './sql-files.js';

/** The text of a block; Jinja in it is rendered, with nothing to refer to. */
function contentsOf(block: Block, file: SourceText): string {
  const { contents, place } = block;
  if (!/\{[{%#]/.test(contents)) return strip(contents);
  const template = Template.parse({ text: contents, file: file.absolutePath, line: place.line });
  return strip(template.renderSync({ lookup: () => undefined }, { once: true }));
}

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
      block_contents: contentsOf(block, file),
    };
  }
}
