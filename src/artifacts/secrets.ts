const PREFIX = 'DBT_ENV_SECRET_';

/** The values that must never be shown: environment variables (and `--vars`) whose names mark them as secret. */
export function secretsOf(...sources: readonly (Readonly<Record<string, unknown>> | undefined)[]): readonly string[] {
  const found = new Set<string>();
  for (const source of sources) {
    for (const [name, value] of Object.entries(source ?? {})) {
      if (name.startsWith(PREFIX) && typeof value === 'string' && value.trim() !== '') found.add(value);
    }
  }
  return [...found].sort((a, b) => b.length - a.length);
}

/** Puts `*****` in place of every secret, in JSON text as well as in plain text. */
export function scrub(text: string, secrets: readonly string[]): string {
  let out = text;
  for (const secret of secrets) {
    out = out.replaceAll(secret, '*****');
    const escaped = JSON.stringify(secret).slice(1, -1);
    if (escaped !== secret) out = out.replaceAll(escaped, '*****');
  }
  return out;
}
