/** Of the whole project: every part is built from one commit. A test holds it to package.json. */
export const VERSION = '0.1.0';
