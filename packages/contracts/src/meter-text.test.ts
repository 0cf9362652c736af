import { describe, expect, it } from 'vitest';
import { instantText, quantityText } from './meter-text.ts';

describe('what people read', () => {
  it.each([
    ['MQTT_MESSAGES', 1_006_620, '1,006,620'],
    ['DEVICES', 0, '0'],
    ['STORAGE_BYTES', 42_820_000_000, '42.82 GB'],
    ['MQTT_BYTES', 120_503_700, '120.5 MB'],
    ['HTTP_BYTES', 9_300, '9.3 kB'],
    ['HTTP_BYTES', 999, '999 bytes'],
    ['HTTP_BYTES', 5_000_000_000_000, '5,000 GB'],
  ] as const)('of %s, %i is "%s"', (meter, amount, text) => {
    expect(quantityText(meter, amount)).toBe(text);
  });

  it('names the time zone of an instant, at midnight too', () => {
    expect(instantText(new Date('2026-12-20T11:05:00.000Z'))).toBe('December 20, 2026 at 11:05 UTC');
    expect(instantText(new Date('2027-01-01T00:00:00.000Z'))).toBe('January 1, 2027 at 00:00 UTC');
  });
});
