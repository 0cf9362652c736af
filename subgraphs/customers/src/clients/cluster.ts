/** Whose release it is, and where. */
export interface ClusterTarget {
  deploymentId: string;
  customerId: string;
  instanceId: string;
  instanceName: string;
  namespace: string;
}

/** What an instance is told when it is installed; nothing of it is secret. */
export interface ReleaseValues {
  plan: string;
  host: string;
  controlPlaneUrl: string;
}

/** How one step is done: what it says goes to `log`, and it ends, killed with all that it began, when `signal` aborts. */
export interface StepRun {
  signal: AbortSignal;
  log(line: string): void;
}

/**
 * Where instances are deployed: Helm and Kubernetes, or something that behaves like them. Each may be called again after
 * it was done, or half done.
 * @throws DeploymentFailure
 */
export interface Cluster {
  /** Makes the namespace where it is not there yet. */
  ensureNamespace(target: ClusterTarget, run: StepRun): Promise<void>;
  /** Puts the instance's credential into its namespace, in place of an earlier one. */
  applySecret(target: ClusterTarget, secret: { apiKey: string }, run: StepRun): Promise<void>;
  /** Installs the release, or brings it up to date. */
  upgradeRelease(target: ClusterTarget, values: ReleaseValues, run: StepRun): Promise<void>;
  /** Waits until all that was installed runs. */
  awaitRollout(target: ClusterTarget, run: StepRun): Promise<void>;
  /** Looks whether all of it says that it is ready. */
  checkHealth(target: ClusterTarget, run: StepRun): Promise<void>;
  /** Removes the release; one that is not there, or is another's, is removed already. */
  uninstallRelease(target: ClusterTarget, run: StepRun): Promise<void>;
  /**
   * Removes the namespace: where this deployment made it, with all that is in it; or where no volume is left in it. One that
   * is not there, is another's or does not fit that stays.
   */
  deleteNamespace(target: ClusterTarget, extent: 'MADE_BY_IT' | 'WITHOUT_VOLUMES', run: StepRun): Promise<void>;
}
