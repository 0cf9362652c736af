/** Why a deployment failed, and whether another attempt may mend it. docs/errors.md explains each; a test holds both together. */
export const DEPLOYMENT_FAILURES = {
  HELM_NOT_FOUND: { message: 'helm or kubectl is not installed where the worker runs.', isFinal: true },
  HELM_FAILED: { message: 'Helm could not install or remove the release; its last line says why.', isFinal: false },
  CLUSTER_UNREACHABLE: { message: 'The cluster did not answer, or refused what was asked; the last line says why.', isFinal: false },
  NAMESPACE_TAKEN: { message: 'The namespace exists in the cluster and is not of this instance.', isFinal: true },
  DEPLOYMENT_TIMED_OUT: { message: 'An attempt took longer than it may.', isFinal: false },
  INSTANCE_UNHEALTHY: { message: 'It was installed, but not all of it became ready.', isFinal: false },
  CUSTOMER_DEACTIVATED: { message: 'The account was deactivated.', isFinal: true },
  LICENSE_REQUIRED: { message: 'The customer has no license under which anything new is deployed.', isFinal: true },
  LICENSE_PENDING: { message: "The customer's license was not known in time.", isFinal: false },
  TOO_MANY_API_KEYS: { message: 'The account has as many API keys in force as it may: revoke one, then retry.', isFinal: true },
  HELM_NOT_CONFIGURED: { message: 'This plane has no cluster to deploy to.', isFinal: true },
  WORKER_LOST: { message: 'Every worker that took it ended in the middle of the same step.', isFinal: true },
  UNEXPECTED: { message: 'A fault of ours; the log of the worker has it.', isFinal: false },
} as const satisfies Record<string, { message: string; isFinal: boolean }>;
export type DeploymentFailureReason = keyof typeof DEPLOYMENT_FAILURES;

const MAX_MESSAGE_CHARACTERS = 500;

/** An attempt that failed, in words that its customer may read. */
export class DeploymentFailure extends Error {
  readonly reason: DeploymentFailureReason;

  /** @param detail what was said, such as Helm's last line; the reason's own sentence without one. */
  constructor(reason: DeploymentFailureReason, detail?: string, options?: { cause?: unknown }) {
    super((detail === undefined || detail === '' ? DEPLOYMENT_FAILURES[reason].message : detail).slice(0, MAX_MESSAGE_CHARACTERS), options);
    this.name = 'DeploymentFailure';
    this.reason = reason;
  }

  get isFinal(): boolean {
    return DEPLOYMENT_FAILURES[this.reason].isFinal;
  }
}
