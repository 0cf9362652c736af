export type DeploymentStatus = 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'REMOVED';
export type DeploymentOperation = 'DEPLOY' | 'REMOVE';

/** One instance's release in its cluster, from its queueing to its removal. */
export interface Deployment {
  id: string;
  customerId: string;
  instanceId: string;
  operation: DeploymentOperation;
  status: DeploymentStatus;
  /** The step that is being done, or at which it ended. */
  step: string | null;
  /** 0 to 100. */
  progress: number;
  namespace: string;
  /** The name under which the instance will answer. */
  host: string;
  /** Where it answers. */
  url: string | null;
  /** Rises each time that something is asked for: what is left of an earlier run is told apart by it. */
  run: number;
  /** Begun in this run. */
  attempts: number;
  /** Workers that died at the step at hand. */
  interruptions: number;
  /** Rises with each worker that takes it: a write that bears a lower one is refused. */
  fence: number;
  /** The job that was queued for it last. */
  jobId: string;
  /** Of that job, the attempt that ended the run as failed. */
  jobAttempt: number | null;
  reason: string | null;
  error: string | null;
  /** Rises with every change. */
  revision: number;
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
  /** When it stood for the first time: what never did is cleared away when it fails. */
  deployedAt: Date | null;
}
