/** YAML as PyYAML's safe loader reads it and its safe dumper writes it: `fromyaml` and `toyaml`. */
import { type ScalarTag, stringify } from 'yaml';
import { DateTime, fromJinja, PyDate, toJinja } from '../../jinja/index.js';
import { readYaml } from '../../project/index.js';

/** A value of the engine. Throws UpsqlError for what is no YAML. */
export function loadYaml(text: string): unknown {
  return toJinja(readYaml(text, 'fromyaml').dated);
}

const DATES: ScalarTag = {
  tag: 'tag:yaml.org,2002:timestamp',
  default: true,
  identify: (value) => value instanceof PyDate || value instanceof DateTime,
  // Nothing is read with it: it only has texts that look like dates put into quotes.
  test: /^\d{4}-\d\d?-\d\d?(?:(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?)?$/,
  resolve: (text) => text,
  stringify: ({ value }) => (value instanceof PyDate || value instanceof DateTime ? value.str() : String(value)),
};

export function dumpYaml(value: unknown, sortKeys: boolean): string {
  return stringify(fromJinja(value), {
    version: '1.1',
    customTags: (tags) => [...tags.filter((tag) => typeof tag === 'string' || !tag.tag.endsWith(':timestamp')), DATES],
    sortMapEntries: sortKeys,
    singleQuote: true,
    indentSeq: false,
    lineWidth: 80,
  });
}
