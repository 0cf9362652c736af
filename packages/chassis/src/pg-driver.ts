/** The driver, before which nothing else may import it: what it takes from the shell decides how it is loaded and what it sends. */
import './pg-environment.ts';
import pg from 'pg';

export { pg };
