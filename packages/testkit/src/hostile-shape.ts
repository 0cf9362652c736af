/** Stands where a secret would: no answer and no line of a log may repeat it. */
export const SECRET = 'Never-Repeat-Me-1';

/** One request, as it is sent to /graphql. */
export interface HostileRequest {
  /** By POST. */
  body?: string;
  /** By GET, behind the question mark. */
  search?: string;
}

/** A way to ask that costs more than it should. */
export interface HostileShape {
  kind: string;
  name: string;
  /** Sent by the account's instance with its API key, where an account sends it. */
  byInstance?: boolean;
  /**
   * @param unique a name that no request had before: a document that is known costs less. @param customerId of the
   * account that sends it
   */
  make(unique: string, customerId: string): HostileRequest;
}
