/**
 * The documents that the agent sends: the same text as schema/operations/agent/*.graphql, carried in the package so that
 * an instance needs no schema folder. A test holds both together, and each against the public schema.
 */
export const OPERATIONS = {
  handshake: `mutation AgentHandshake($usage: ReportUsageInput!, $license: FetchLicenseInput!) {
  reportUsage(input: $usage) {
    accepted
    late
    duplicates
    rejected {
      reportId
      reason
      message
    }
    receipt
    restores {
      id
      since
    }
  }
  fetchLicense(input: $license) {
    license {
      token
    }
    revocationList
    keyAnnouncements
    customer {
      id
    }
    serverTime
    refreshAfterSeconds
  }
}
`,
  'report-usage': `mutation AgentReportUsage($usage: ReportUsageInput!) {
  reportUsage(input: $usage) {
    accepted
    late
    duplicates
    rejected {
      reportId
      reason
      message
    }
    receipt
    restores {
      id
      since
    }
  }
}
`,
  'fetch-license': `mutation AgentFetchLicense($license: FetchLicenseInput!) {
  fetchLicense(input: $license) {
    license {
      token
    }
    revocationList
    keyAnnouncements
    customer {
      id
    }
    serverTime
    refreshAfterSeconds
  }
}
`,
  'prove-time': `mutation AgentProveTime($license: FetchLicenseInput!) {
  fetchLicense(input: $license) {
    signedTime
  }
}
`,
  'license-changed': `subscription AgentLicenseChanged($customerId: ID!) {
  licenseChanged(customerId: $customerId) {
    id
    status
  }
}
`,
  'signing-keys': `query AgentSigningKeys {
  signingKeys {
    id
    algorithm
    status
    publicKeyPem
  }
}
`,
} as const;

export type OperationName = keyof typeof OPERATIONS;
