/** Keys of profiles.yml whose values may be shown; all others might be secrets. */
const SHOWN = new Set(
  (
    'account attach alias authenticator config_options database dbname extensions external_root host name outputs path ' +
    'plugins port read_only role schema settings target threads type user username warehouse'
  ).split(' '),
);

/**
 * The text of a profiles.yml fit for an excerpt: every value but those of well-known harmless keys is masked, lengths and
 * line breaks kept. A value with Jinja stays, as it names a secret without holding it.
 */
export function withoutSecrets(text: string): string {
  let masked: number | undefined;
  return text
    .split('\n')
    .map((line) => {
      const indent = line.search(/\S/);
      if (masked !== undefined && (indent === -1 || indent > masked)) return mask(line);
      masked = undefined;
      const match = /^(\s*(?:-\s+)*["']?([\w.-]+)["']?\s*:)(.*)$/.exec(line);
      if (match === null) return line.trimStart().startsWith('#') || line.trim() === '' ? line : mask(line);
      const [, key = '', name = '', value = ''] = match;
      if (SHOWN.has(name)) return key + value.replace(/((?:token|password|secret)\w*=)[^&\s"']+/gi, maskAfter);
      if (/[{[]/.test(value) && !value.includes('{{')) return key + mask(value);
      if (value.trim() === '' || value.trim().startsWith('#') || value.includes('{{')) return line;
      masked = indent;
      return key + mask(value);
    })
    .join('\n');
}

function mask(text: string): string {
  return text.replace(/\S/g, '*');
}

function maskAfter(match: string, key: string): string {
  return key + mask(match.slice(key.length));
}
