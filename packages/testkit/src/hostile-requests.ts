import { DOCUMENT_SHAPES } from './hostile-documents.ts';
import { VARIABLE_SHAPES } from './hostile-variables.ts';
import { WORK_SHAPES } from './hostile-work.ts';
import type { HostileShape } from './hostile-shape.ts';

/** Some three hundred shapes: of documents, of variables, of bodies, and of work that one small request asks for. */
export const HOSTILE_SHAPES: readonly HostileShape[] = [...DOCUMENT_SHAPES, ...VARIABLE_SHAPES, ...WORK_SHAPES];
