/** Python's `str.strip()`, which unlike `trim()` leaves a byte order mark and takes the separators below the space. */

function isBlank(code: number): boolean {
  if (code >= 0x1c && code <= 0x1f) return true;
  return code === 0x85 || (code !== 0xfeff && /\s/.test(String.fromCharCode(code)));
}

export function strip(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}
