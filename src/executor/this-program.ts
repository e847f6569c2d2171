import {programVersion} from '../core/program-version.ts';

/** Put in by the bundler: changes with every change of this program, and so perhaps of what it makes. */
declare const sourcesDigest: string | undefined;

/** In the key of what is remembered of this program's own work. */
export const thisProgram = typeof sourcesDigest === 'string' ? sourcesDigest : programVersion;
