import {makeBare} from './tools/bare.mjs';
import {makeBoxbuild} from './tools/boxbuild.mjs';
import {makeBuildah} from './tools/buildah.mjs';
import {makeBuildkit} from './tools/buildkit.mjs';

const makers = {boxbuild: makeBoxbuild, crowded: (bench) => makeBoxbuild(bench, 'crowded'), buildah: makeBuildah, buildkit: makeBuildkit};

/**
 * Starts the tools and gives each the bases in `bench.tars`; one that is missing or fails is left out, with the reason. Fills `started` as it goes, so that
 * an interruption can stop what has been started.
 *
 * A tool: `name`, `version`, `start()`, `reset()` (an empty cache, the bases kept), `build(context, {phase, workload})`, `clean()` (deletes what
 * a workload left), `stop()`, and for what is no build `actions`, each after what `prepare` has of its name.
 */
export async function startTools(bench, names, started) {
	started.tools.push(makeBare(bench));
	for (const name of names) {
		const tool = makers[name](bench);
		try {
			await tool.start();
			started.tools.push(tool);
			console.log(`${name}: ${tool.version}`);
		} catch (error) {
			await tool.stop();
			if (error.name === 'AbortError') throw error;
			started.leftOut.push({name, reason: error.message});
			console.log(`${name} is left out: ${error.message}`);
		}
	}
}
