import type { Artifact } from './schema.js';

const WIDTH = 100;

/**
 * An artifact as text: keys in a fixed order, two spaces an indent, and whatever holds no object or list inside on lines of up to about
 * WIDTH characters, so that version control shows small changes as small. The same artifact gives the same bytes.
 */
export function formatArtifact(artifact: Artifact): string {
  return `${formatJson(artifact, '')}\n`;
}

function formatJson(value: unknown, indent: string): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const deeper = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    if (value.every((item) => typeof item !== 'object' || item === null)) return wrapped(value, indent);
    return `[\n${value.map((item) => deeper + formatJson(item, deeper)).join(',\n')}\n${indent}]`;
  }
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  if (entries.length === 0) return '{}';
  const short = `{ ${entries.map(([key, item]) => `${JSON.stringify(key)}: ${JSON.stringify(item)}`).join(', ')} }`;
  if (short.length <= WIDTH && entries.every(([, item]) => typeof item !== 'object' || item === null)) return short;
  const lines = entries.map(([key, item]) => `${deeper}${JSON.stringify(key)}: ${formatJson(item, deeper)}`);
  return `{\n${lines.join(',\n')}\n${indent}}`;
}

function wrapped(items: readonly unknown[], indent: string): string {
  const texts = items.map((item) => JSON.stringify(item));
  const whole = `[${texts.join(', ')}]`;
  if (whole.length <= WIDTH) return whole;
  const lines: string[] = [];
  let line = '';
  for (const text of texts) {
    if (line !== '' && line.length + text.length > WIDTH) {
      lines.push(line);
      line = '';
    }
    line += `${line === '' ? '' : ' '}${text},`;
  }
  lines.push(line.slice(0, -1));
  return `[\n${lines.map((text) => `${indent}  ${text}`).join('\n')}\n${indent}]`;
}
