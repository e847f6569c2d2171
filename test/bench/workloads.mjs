import {changes} from './workloads/changes.mjs';
import {compile} from './workloads/compile.mjs';
import {copyBig} from './workloads/copy-big.mjs';
import {copyMany} from './workloads/copy-many.mjs';
import {images} from './workloads/images.mjs';
import {instructions} from './workloads/instructions.mjs';
import {npmCi} from './workloads/npm-ci.mjs';
import {runTrue} from './workloads/run-true.mjs';
import {runs} from './workloads/runs.mjs';
import {smallApp} from './workloads/small-app.mjs';
import {stages} from './workloads/stages.mjs';
import {writeBig} from './workloads/write-big.mjs';
import {writeMany} from './workloads/write-many.mjs';

/**
 * A workload: `name`, `title`, `bases` (keys of baseNames that its Boxfile needs), `write(context, bench)` makes its files once, then its phases run
 * in order in every round; `content` is how many bytes its layer's files take, in whole pages of 4 KiB; the
 * stores of one that `isHuge` are deleted after every run. A phase: `name`; `cold` builds with an
 * empty cache; `file` is its Boxfile when that is not `Boxfile`, `tag` the name its image gets; `change(context, unique)` edits the context before; `unmeasured` only prepares the next phase; `goal` is the largest
 * time that boxbuild may take as a multiple of BuildKit's or of another tool's (`than`), `cpuGoal` its largest CPU seconds. A phase with an
 * `action` is no build: tools that have it do it. `bare` is a shell command that does the same without a builder. `start(context, bench)` makes
 * what the phases need besides the context, and returns what stops it.
 */
export const workloads = [
	runs,
	runTrue,
	writeBig,
	writeMany,
	copyMany,
	copyBig,
	changes,
	stages,
	smallApp,
	instructions,
	compile,
	npmCi,
	images,
];
