/** The documents that the demo sends: it knows of the plane what any client may know. A test holds each against the public schema. */
export const DEMO_OPERATIONS = {
  signUp: 'mutation DemoSignUp($input: SignUpInput!) { signUp(input: $input) { customer { id license { id } } session { token } } }',
  logIn: 'mutation DemoLogIn($input: LogInInput!) { logIn(input: $input) { customer { id } session { token } } }',
  apiKeys: 'query DemoApiKeys($id: ID!) { customer(id: $id) { apiKeys { id name revokedAt } } }',
  createApiKey: 'mutation DemoCreateApiKey($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }',
  revokeApiKey: 'mutation DemoRevokeApiKey($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { apiKey { id } } }',
  subscription: 'query DemoSubscription($id: ID!) { customer(id: $id) { subscription { plan { key } status currentPeriodEndsAt } } }',
  reconciliation: 'query DemoReconciliation($id: ID!) { reconciliation(customerId: $id) { balanced } }',
  openCheckout: 'mutation DemoCheckout($input: CreateCheckoutSessionInput!) { createCheckoutSession(input: $input) { sessionId } }',
  openPortal: 'mutation DemoPortal($input: CreatePortalSessionInput!) { createPortalSession(input: $input) { url } }',
  cancel: 'mutation DemoCancel($input: CancelSubscriptionInput!) { cancelSubscription(input: $input) { subscription { status } } }',
  changePlan: 'mutation DemoChangePlan($input: ChangePlanInput!) { changePlan(input: $input) { subscription { plan { key } } } }',
  override: 'mutation DemoOverride($input: OverrideEntitlementsInput!) { overrideEntitlements(input: $input) { subscription { version } } }',
  reportUsage: 'mutation DemoReportUsage($input: ReportUsageInput!) { reportUsage(input: $input) { accepted late duplicates rejected { reportId reason } } }',
} as const;
