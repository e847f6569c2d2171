import {resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';

const toolNames = ['boxbuild', 'buildah', 'buildkit', 'crowded'];
const usualTools = 'boxbuild,buildah,buildkit';
const usage = `Usage: npm run bench -- [OPTIONS]

  --rounds N         how often each workload runs (default: 3)
  --curves           measure how costs grow instead of workloads (boxbuild alone unless --tools says more)
  --reruns           count the steps that run again after small changes instead
  --only NAME,...    these workloads, or these curves, only
  --tools NAME,...   these of ${toolNames.join(', ')} only; crowded is boxbuild with 1000 images and
                     10 000 layers in its store (default: all but that)
  --json FILE        also write every sample as JSON
  --program FILE     the boxbuild.cjs to measure (default: this checkout's)
  --directory DIR    where stores and contexts are until the end, some 20 GB (default: /var/tmp)
  --list             print the names of the workloads, or of the curves

Environment: BENCH_USER, the ordinary user who builds when root starts this;
BOXBUILD_DEBIAN_TAR, the base (made by mmdebstrap when it is missing, as are other bases beside it).`;

/** The command line's options; ends the program for --help, --list and for mistakes. */
export function readOptions({workloadNames, curveNames}) {
	const values = parseValues();
	const names = values.curves ? curveNames : workloadNames;
	if (values.help) finish(0, usage);
	if (values.list) finish(0, names.join('\n'));
	const rounds = Number(values.rounds);
	if (!Number.isInteger(rounds) || rounds < 1) finish(2, `--rounds ${values.rounds} is not a positive whole number`);
	return {
		rounds,
		curves: values.curves,
		reruns: values.reruns,
		only: chooseNames('--only', values.only, names),
		tools: chooseNames('--tools', values.tools ?? (values.curves ? 'boxbuild' : usualTools), toolNames),
		json: values.json,
		program: resolve(values.program),
		directory: resolve(values.directory),
	};
}

function parseValues() {
	const text = (value) => ({type: 'string', ...(value === undefined ? {} : {default: value})});
	const program = fileURLToPath(new URL('../../src/boxbuild.cjs', import.meta.url));
	const options = {
		rounds: text('3'),
		only: text(),
		tools: text(),
		json: text(),
		program: text(program),
		directory: text('/var/tmp'),
		curves: {type: 'boolean', default: false},
		reruns: {type: 'boolean', default: false},
		list: {type: 'boolean'},
		help: {type: 'boolean', short: 'h'},
	};
	try {
		return parseArgs({options}).values;
	} catch (error) {
		return finish(2, `${error.message}\n\n${usage}`);
	}
}

function chooseNames(option, value, known) {
	const names = value?.split(',') ?? known;
	const unknown = names.find((name) => !known.includes(name));
	return unknown === undefined ? names : finish(2, `${option}: there is no ${unknown}; there are ${known.join(', ')}`);
}

function finish(status, text) {
	console.log(text);
	process.exit(status);
}
