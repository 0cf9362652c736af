import { cpSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from '@swc/core';
import { ROOT } from '../built.ts';

/** A change of one source file: this text, which stands in it exactly once, becomes that. */
export interface PlantedEdit {
  file: string;
  find: string;
  replace: string;
}

const WORKSPACES = ['packages/contracts', 'packages/chassis', 'gateway', 'subgraphs/customers', 'subgraphs/billing', 'subgraphs/licensing', 'subgraphs/usage', 'stripe-simulator', 'instance-agent'];
/** Folders of ours among the installed packages: theirs must be the copy's. */
const OWN_PACKAGES: Readonly<Record<string, string>> = Object.fromEntries(WORKSPACES.map((path) => [path === 'instance-agent' ? 'iotistic-agent' : `@iotistic/${path.split('/').at(-1) ?? ''}`, path]));

/** How often an edit's text stands in its file now. */
export function timesFound({ file, find }: PlantedEdit): number {
  const path = join(ROOT, file);
  return existsSync(path) ? readFileSync(path, 'utf8').split(find).length - 1 : 0;
}

/** The source with the edit in it. @throws Error when its text does not stand there exactly once: the bug has to be planted anew. */
function edited(source: string, { file, find, replace }: PlantedEdit): string {
  const parts = source.split(find);
  if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times: ${find}`);
  return parts.join(replace);
}

/** A copy of the built product with these edits, in an empty folder; the tree is never touched. Packages of others are the tree's own. */
export function plantProduct(folder: string, edits: readonly PlantedEdit[]): void {
  for (const workspace of WORKSPACES) {
    mkdirSync(join(folder, workspace), { recursive: true });
    for (const part of ['dist', 'package.json', 'bin']) if (existsSync(join(ROOT, workspace, part))) cpSync(join(ROOT, workspace, part), join(folder, workspace, part), { recursive: true });
  }
  symlinkSync(join(ROOT, 'schema'), join(folder, 'schema'));
  linkPackages(folder);
  for (const [file, code] of compileEdits(edits)) writeFileSync(join(folder, file.replace('/src/', '/dist/').replace(/\.ts$/, '.js')), code);
}

/** Each edited file with all its edits, compiled. @throws Error when an edit's text does not stand there exactly once. */
export function compileEdits(edits: readonly PlantedEdit[]): Map<string, string> {
  const sources = new Map<string, string>();
  for (const edit of edits) sources.set(edit.file, edited(sources.get(edit.file) ?? readFileSync(join(ROOT, edit.file), 'utf8'), edit));
  return new Map([...sources].map(([file, source]) => [file, compiled(source, file)]));
}

function linkPackages(folder: string): void {
  const packages = join(ROOT, 'node_modules');
  mkdirSync(join(folder, 'node_modules/@iotistic'), { recursive: true });
  for (const name of readdirSync(packages)) {
    if (name === '@iotistic' || name.startsWith('.') || OWN_PACKAGES[name] !== undefined || !lstatSync(join(packages, name)).isDirectory()) continue;
    symlinkSync(join(packages, name), join(folder, 'node_modules', name));
  }
  for (const [name, workspace] of Object.entries(OWN_PACKAGES)) symlinkSync(join(folder, workspace), join(folder, 'node_modules', name));
}

/** As the compiler emits it, without looking at types: relative imports end in `.js`. */
function compiled(source: string, file: string): string {
  const { code } = transformSync(source, { filename: file, swcrc: false, configFile: false, jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'es6' } });
  return code.replace(/(\bfrom\s*|\bimport\s*\(?\s*)(['"])(\.{1,2}\/[^'"]+)\.ts\2/g, '$1$2$3.js$2');
}
