/** Credentials inside addresses: `https://user:token@host/…`, `?token=…`. They are never shown. */

const USER = /\b([a-z][a-z0-9+.-]*:\/\/)([^\s/'"]+)@/gi;
const QUERY = /([?&][\w-]*(?:token|key|sig|signature|secret|password|auth|credential)[\w-]*=)([^&\s"'#]+)/gi;

/** `text` with the credentials of every address in it masked; with `sameLength` by as many stars as they have letters. */
export function hideCredentials(text: string, { sameLength = false } = {}): string {
  const mask = (secret: string): string => (sameLength ? secret.replace(/[^\r\n]/g, '*') : '*****');
  return text
    .replace(USER, (whole, scheme: string, user: string) => {
      // A template names its secret; and every ssh address has a user, who is no secret.
      if (user.includes('{{') || (/ssh/i.test(scheme) && !user.includes(':'))) return whole;
      return `${scheme}${mask(user)}@`;
    })
    .replace(QUERY, (whole, key: string, value: string) => (value.startsWith('{{') ? whole : key + mask(value)));
}
