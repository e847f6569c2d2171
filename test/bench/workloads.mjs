import {changes} from './workloads/changes.mjs';
import {copyBig} from './workloads/copy-big.mjs';
import {copyMany} from './workloads/copy-many.mjs';
import {images} from './workloads/images.mjs';
import {runTrue} from './workloads/run-true.mjs';
import {runs} from './workloads/runs.mjs';
import {smallApp} from './workloads/small-app.mjs';
import {stages} from './workloads/stages.mjs';
import {writeBig} from './workloads/write-big.mjs';
import {writeMany} from './workloads/write-many.mjs';

/**
 * A workload: `name`, `title`, `write(context)` makes its files once, then its phases run in order in every round. A phase: `name`; `cold` builds
 * with an empty cache; `change(context, unique)` edits the context before; `unmeasured` only prepares the next phase; `goal` is the largest
 * time that boxbuild may take as a multiple of BuildKit's or of another tool's (`than`), `cpuGoal` its largest CPU seconds. A phase with an
 * `action` is no build: tools that have it do it. `bare` is a shell command that does the same without a builder. `start(context, bench)` makes
 * what the phases need besides the context, and returns what stops it.
 */
export const workloads = [runs, runTrue, writeBig, writeMany, copyMany, copyBig, changes, stages, smallApp, images];
