import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ConfigError, envFlag, envInt, loadConfig } from './config.ts';

const folder = mkdtempSync(join(tmpdir(), 'iotistic-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const schema = z.object({ PORT: envInt(1, 65_535).default(3100), TOKEN: z.string().min(4), QUIET: envFlag.default(false) });

describe('configuration', () => {
  it('has defaults, and takes a name that is set to nothing as unset', () => {
    expect(loadConfig(schema, { TOKEN: 'secret', PORT: '' })).toEqual({ PORT: 3100, TOKEN: 'secret', QUIET: false });
  });

  it('reads NAME_FILE as NAME', () => {
    const file = join(folder, 'token');
    writeFileSync(file, 'from-file\n');
    expect(loadConfig(schema, { TOKEN_FILE: file }).TOKEN).toBe('from-file');
  });

  it('names every problem at once and no value', () => {
    const attempt = (): unknown => loadConfig(schema, { PORT: '99999', QUIET: 'perhaps', TOKEN_FILE: join(folder, 'absent') });
    expect(attempt).toThrow(ConfigError);
    const problem = expect.stringMatching(/^(PORT|QUIET|TOKEN|TOKEN_FILE): (?!.*99999)/) as string;
    expect(attempt).toThrow(expect.objectContaining({ problems: [problem, problem, problem, problem] }) as Error);
  });
});
