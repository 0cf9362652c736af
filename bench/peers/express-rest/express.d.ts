/** The library has no types of its own; this is what is used of it. */
declare module 'express' {
  import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

  export interface Request extends IncomingMessage {
    body: unknown;
    /** The header's value. */
    get(name: string): string | undefined;
  }
  export interface Response extends ServerResponse {
    locals: Record<string, unknown>;
    status(code: number): this;
    json(body: object): this;
  }
  export type NextFunction = (error?: unknown) => void;
  export type Handler = (request: Request, response: Response, next: NextFunction) => unknown;
  export type ErrorHandler = (error: unknown, request: Request, response: Response, next: NextFunction) => unknown;
  interface Application extends RequestListener {
    use(handler: Handler | ErrorHandler): this;
    post(path: string, ...handlers: Handler[]): this;
    get(path: string, ...handlers: Handler[]): this;
  }
  interface Express {
    (): Application;
    json(options?: { limit?: string }): Handler;
  }
  const express: Express;
  export default express;
}
