import picocolors from 'picocolors';

export interface Style {
  readonly colors: boolean;
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly blue: (text: string) => string;
  readonly cyan: (text: string) => string;
}

export function createStyle(colors: boolean): Style {
  const { bold, dim, red, green, yellow, blue, cyan } = picocolors.createColors(colors);
  return { colors, bold, dim, red, green, yellow, blue, cyan };
}
