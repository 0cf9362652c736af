/** Manifests against the schemas of Kubernetes, twice: their values by the models' validators, their names by the models' types, since a validator lets a misspelt field pass. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Manifest } from './render-charts.ts';

const ROOT = join(import.meta.dirname, '..');
const require = createRequire(import.meta.url);

/** Of operators, not of Kubernetes: their schemas come with them. */
const FOREIGN = /^monitoring\.coreos\.com\//;

interface Model {
  new (data: unknown): { validate(): void };
}

/** What is wrong with these manifests, as `Kind name: why`. */
export function kubernetesProblems(manifests: readonly Manifest[]): string[] {
  const known = manifests.filter(({ apiVersion }) => !FOREIGN.test(apiVersion));
  return [...known.map(problemOf).filter((problem) => problem !== null), ...misspelt(known)];
}

function problemOf(manifest: Manifest): string | null {
  const { apiVersion, kind, metadata } = manifest;
  try {
    const module = require(`kubernetes-models/${apiVersion}`) as Record<string, Model>;
    const KindModel = module[kind];
    if (KindModel === undefined) return `${kind} ${metadata.name}: ${apiVersion} has no such kind`;
    new KindModel(manifest).validate();
    return null;
  } catch (error) {
    return `${kind} ${metadata.name}: ${(error as Error).message}`;
  }
}

/** Each manifest becomes a literal of its kind's type: the compiler sees every field that the type does not have. */
function misspelt(manifests: readonly Manifest[]): string[] {
  const texts = [...new Map(manifests.map((manifest) => [JSON.stringify(manifest), manifest])).entries()];
  const lines = texts.map(([text, { apiVersion, kind }], index) => `export const m${index}: import('kubernetes-models/${apiVersion}').I${kind} = ${text};`);
  mkdirSync(join(ROOT, '.tmp'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, '.tmp/manifests-'));
  try {
    writeFileSync(join(folder, 'manifests.ts'), lines.join('\n'));
    execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '--noEmit', '--strict', '--skipLibCheck', '--ignoreConfig', '--module', 'nodenext', '--target', 'es2022', '--types', '', join(folder, 'manifests.ts')], { cwd: folder, encoding: 'utf8' });
    return [];
  } catch (error) {
    const { stdout = '' } = error as { stdout?: string };
    return stdout
      .split('\n')
      .flatMap((line) => {
        const [, at = '', why = ''] = /^[^(]*\((\d+),\d+\): error (.+)$/.exec(line) ?? [];
        const manifest = texts[Number(at) - 1]?.[1];
        return manifest === undefined ? (line.trim() === '' || line.startsWith(' ') ? [] : [line]) : [`${manifest.kind} ${manifest.metadata.name}: ${why}`];
      });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
