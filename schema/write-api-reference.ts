/** `npm run docs:api`: writes docs/api.md. A test fails when the committed file differs. */
import { writeFileSync } from 'node:fs';
import { renderApiReference } from './api-reference.ts';
import { readPublicSchema } from './public-schema.ts';

writeFileSync(new URL('../docs/api.md', import.meta.url), renderApiReference(readPublicSchema()));
