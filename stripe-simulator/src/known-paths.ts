/** First words of the real API's paths: what stands under them and is not simulated is answered by 501, all else by 404. */
const KNOWN: Record<string, ReadonlySet<string>> = {
  v1: new Set(
    `account account_links account_sessions accounts apple_pay application_fees apps balance balance_settings balance_transactions billing billing_portal charges checkout climate confirmation_tokens country_specs coupons credit_notes
    customer_sessions customers disputes entitlements ephemeral_keys events exchange_rates external_accounts file_links files financial_connections forwarding identity invoice_payments invoice_rendering_templates invoiceitems invoices issuing
    linked_accounts mandates payment_attempt_records payment_intents payment_links payment_method_configurations payment_method_domains payment_methods payment_records payouts plans prices products promotion_codes quotes radar refunds
    reporting reviews setup_attempts setup_intents shipping_rates sigma sources subscription_items subscription_schedules subscriptions tax tax_codes tax_ids tax_rates terminal test_helpers tokens topups transfers treasury webhook_endpoints`.split(/\s+/),
  ),
  v2: new Set(['billing', 'commerce', 'core', 'money_management', 'test_helpers']),
};

export function isKnownPath(pathname: string): boolean {
  const [, version = '', word = ''] = pathname.split('/');
  return KNOWN[version]?.has(word) ?? false;
}
