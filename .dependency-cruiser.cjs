/** Who may import whom (the house's rules). Each has a planted violation in house.test.ts. Cycles are oxlint's, which tells a type's import from a value's. */
const SUBGRAPHS = ['customers', 'billing', 'licensing', 'usage'];
const TESTS = '\\.test\\.ts$';

/** A library belongs to those who own it; tests may use it too. */
const owned = (library, owners) => ({
  name: `only-owners-import-${library.replace(/[@/]/g, '')}`,
  severity: 'error',
  comment: `${library} is imported only by ${owners.join(', ')}`,
  from: { pathNot: [...owners.map((owner) => `^${owner}`), TESTS, '^(e2e|bench|schema|packages/testkit)/'] },
  to: { path: `node_modules/${library.replace(/[.]/g, '\\.')}/` },
});

module.exports = {
  forbidden: [
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, pathNot: [TESTS, '\\.d\\.ts$', '(^|/)main\\.ts$', '(^|/)stripe-sync\\.ts$', '\\.config\\.ts$', '^(bench|e2e|schema|packages/testkit)/'] },
      to: {},
    },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    ...SUBGRAPHS.map((name) => ({
      name: `${name}-imports-no-other-subgraph`,
      severity: 'error',
      from: { path: `^subgraphs/${name}/` },
      to: { path: '^subgraphs/', pathNot: `^subgraphs/${name}/` },
    })),
    { name: 'gateway-imports-no-subgraph', severity: 'error', from: { path: '^gateway/', pathNot: TESTS }, to: { path: '^(subgraphs|control-plane|instance-agent)/' } },
    { name: 'control-plane-imports-apps-only', severity: 'error', from: { path: '^control-plane/' }, to: { path: '^(subgraphs|gateway|stripe-simulator)/', pathNot: '/src/(app|config|subgraph-link)\\.ts$' } },
    { name: 'contracts-import-nothing-of-ours', severity: 'error', from: { path: '^packages/contracts/' }, to: { path: '^(packages/(chassis|testkit)|gateway|subgraphs|instance-agent|control-plane)/' } },
    { name: 'contracts-need-jose-and-zod-only', severity: 'error', from: { path: '^packages/contracts/', pathNot: TESTS }, to: { path: 'node_modules', pathNot: 'node_modules/(jose|zod)/' } },
    { name: 'chassis-imports-contracts-only', severity: 'error', from: { path: '^packages/chassis/', pathNot: TESTS }, to: { path: '^(packages/testkit|gateway|subgraphs|instance-agent|control-plane)/' } },
    { name: 'agent-imports-license-errors-ids-only', severity: 'error', from: { path: '^instance-agent/', pathNot: TESTS }, to: { path: '^(packages|gateway|subgraphs|control-plane)/', pathNot: '^packages/contracts/src/(license|revocation-list|key-announcement|signed-time|signed-document|air-gap|receipt|report-chain|usage-evidence|evidence-hours|usage-digest|errors|ids|setting|wrapped-token|public-key-text|outbound-proxy|failpoints)\\.ts$' } },
    { name: 'cli-imports-contracts-only', severity: 'error', from: { path: '^cli/', pathNot: TESTS }, to: { path: '^(packages/(chassis|testkit)|gateway|subgraphs|instance-agent|stripe-simulator|control-plane)/' } },
    { name: 'testkit-is-for-tests', severity: 'error', from: { pathNot: [TESTS, '^(e2e|bench|packages/testkit)/', '^vitest'] }, to: { path: '^packages/testkit/' } },
    { name: 'domain-is-pure', severity: 'error', from: { path: '^subgraphs/[^/]+/src/domain/', pathNot: TESTS }, to: { path: '/src/(service|repository|clients|graphql|jobs|http|app)(/|\\.ts)|^packages/chassis/|node_modules/(?!zod)|^node:(fs|net|http)' } },
    { name: 'service-knows-no-door', severity: 'error', from: { path: '^subgraphs/[^/]+/src/service/' }, to: { path: '/src/(graphql|jobs|http|main)(/|\\.ts)' } },
    { name: 'repository-knows-no-service', severity: 'error', from: { path: '^subgraphs/[^/]+/src/repository/' }, to: { path: '/src/(service|graphql|jobs|http|clients)/' } },
    { name: 'doors-never-meet-graphql', severity: 'error', from: { path: '^subgraphs/[^/]+/src/graphql/' }, to: { path: '/src/(jobs|http)/' } },
    { name: 'doors-never-meet-jobs', severity: 'error', from: { path: '^subgraphs/[^/]+/src/jobs/' }, to: { path: '/src/(graphql|http|repository|clients)/' } },
    owned('jose', ['packages/contracts/src/caller', 'subgraphs/licensing/src/clients/', 'gateway/src/caller']),
    owned('bullmq', ['packages/chassis/']),
    owned('ioredis', ['packages/chassis/']),
    owned('pg', ['packages/chassis/', 'instance-agent/src/collect-postgres']),
    owned('@apollo/gateway', ['gateway/']),
    owned('@bull-board/api', ['gateway/src/queue-board']),
    owned('@bull-board/express', ['gateway/src/queue-board']),
    owned('@apollo/server', ['gateway/']),
    owned('@apollo/subgraph', ['packages/chassis/']),
    owned('kysely', ['packages/chassis/', 'subgraphs/[^/]+/src/repository/']),
    { name: 'stripe-simulator-knows-nothing-of-ours', severity: 'error', from: { path: '^stripe-simulator/', pathNot: TESTS }, to: { path: '^(packages|gateway|subgraphs|instance-agent|control-plane)/' } },
    owned('stripe', ['subgraphs/billing/src/clients/']),
    owned('nodemailer', ['packages/chassis/']),
    owned('@opentelemetry', ['packages/chassis/']),
    owned('prom-client', ['packages/chassis/', 'instance-agent/src/metrics']),
    owned('@node-rs/argon2', ['subgraphs/customers/src/clients/']),
    owned('execa', ['subgraphs/customers/src/clients/']),
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/|^instance-agent/bin/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], mainFields: ['module', 'main', 'types', 'typings'], conditionNames: ['source', 'import', 'require', 'node', 'default'], extensions: ['.ts', '.js', '.mjs', '.cjs', '.json', '.d.ts'] },
  },
};
