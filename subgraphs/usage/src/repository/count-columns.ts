import type { CountName } from '../domain/report.ts';

/** The column of usage_reports that has this count. */
export function columnOfCount(name: CountName): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
