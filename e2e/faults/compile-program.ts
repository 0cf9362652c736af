import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { transformFile } from '@swc/core';
import { ROOT } from '../built.ts';

/**
 * A program and all that it imports of ours as plain JavaScript: a process that is started a thousand times must not
 * compile itself each time. The folder has to lie in the repository, where the packages are found.
 * @returns the program's path.
 */
export async function compileProgram(entry: string, outFolder: string): Promise<string> {
  const done = new Set<string>();
  const outOf = (path: string): string => join(outFolder, relative(ROOT, path).replace(/\.ts$/, '.js'));
  const compile = async (path: string): Promise<void> => {
    if (done.has(path)) return;
    done.add(path);
    const { code } = await transformFile(path, { swcrc: false, module: { type: 'es6' }, jsc: { target: 'es2022', parser: { syntax: 'typescript' } } });
    const imported = [...code.matchAll(/from '(\.[^']+\.ts)'|from "(\.[^"]+\.ts)"/g)].map(([, single, double]) => single ?? double ?? '');
    mkdirSync(dirname(outOf(path)), { recursive: true });
    writeFileSync(outOf(path), code.replaceAll(/(from ['"]\.[^'"]+)\.ts(['"])/g, '$1.js$2'));
    for (const one of imported) await compile(resolve(dirname(path), one));
  };
  await compile(entry);
  return outOf(entry);
}
