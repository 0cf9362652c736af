import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** Workspaces resolve to their sources, so that no test ever runs yesterday's build. Whatever stands here is also a condition of the test processes themselves, so no bundler's ("module") may be in it. */
const conditions = ['source', 'node'];

/** Apollo's packages are CommonJS and load graphql/index.js; whoever loaded index.mjs beside it would have a second realm. */
const resolve: ViteUserConfig['resolve'] = { conditions, alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] };

const shared = {
  environment: 'node' as const,
  pool: 'forks' as const,
  env: { APOLLO_TELEMETRY_DISABLED: 'true', NODE_ENV: 'test' },
  setupFiles: ['packages/testkit/src/vitest-setup.ts'],
  expect: { poll: { timeout: 30_000, interval: 20 } },
  restoreMocks: true,
  unstubEnvs: true,
  teardownTimeout: 10_000,
};

export default defineConfig({
  test: {
    globalSetup: ['packages/testkit/src/vitest-global-setup.ts'],
    projects: [
      {
        resolve,
        ssr: { resolve: { conditions } },
        test: {
          ...shared,
          name: 'unit',
          include: ['{packages/*,gateway,subgraphs/*,instance-agent,stripe-simulator,control-plane,cli}/src/**/*.test.ts', 'schema/**/*.test.ts', '{observability,charts}/*.test.ts', 'e2e/chaos/{failpoints,planted-bugs}.test.ts', '*.test.ts'],
          // What hangs is found all the same; what takes long on a busy machine is no failure.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        resolve,
        ssr: { resolve: { conditions } },
        test: {
          ...shared,
          name: 'e2e',
          setupFiles: [...shared.setupFiles, 'packages/testkit/src/vitest-leaks.ts'],
          include: ['e2e/**/*.e2e.test.ts'],
          // Each file boots a whole plane.
          fileParallelism: false,
          // Generous: what takes long says why, and a busy machine is no failure.
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
