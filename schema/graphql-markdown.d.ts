declare module 'graphql-markdown' {
  import type { IntrospectionQuery } from 'graphql';

  export interface RenderOptions {
    title?: string;
    prologue?: string;
    headingLevel?: number;
    skipTableOfContents?: boolean;
    printer?: (line: string) => void;
  }

  export function renderSchema(schema: IntrospectionQuery, options?: RenderOptions): void;
}
