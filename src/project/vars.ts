import { problem, UpsqlError } from '../diagnostics/index.js';
import type { YamlMap } from './project.js';
import { readYaml } from './yaml.js';
import { isYamlMap } from './yaml-map.js';

/** The map that a flag such as `--vars` holds as YAML or JSON. Throws UpsqlError that shows where it goes wrong. */
export function parseVars(text: string, flag = '--vars'): YamlMap {
  const document = readYaml(text, flag);
  const { dated: value } = document;
  if (isYamlMap(value)) return value;
  if (value === null && text.trim() === '') return {};
  const hint = /^[\w-]+:\S/.test(text.trim())
    ? `Put a space after the colon: ${flag} '${text.trim().replace(':', ': ')}'.`
    : `Write it as a map, such as ${flag} '{start: 2024-01-01}'.`;
  throw new UpsqlError(
    problem('invalid-vars', `${flag} takes a map of names and values`, {
      place: document.locate([]),
      source: text,
      hint,
    }),
  );
}
