import {findBaseTar} from './find-base-tar.mjs';

/**
 * Finds or makes the tars of the bases that the workloads need and puts them into `bench.tars`. Returns the workloads whose bases are there;
 * the others are in `leftOut`, each with the reason.
 */
export async function prepareBases(bench, workloads, leftOut) {
	const failures = new Map();
	for (const base of new Set(workloads.flatMap(({bases = []}) => bases))) {
		try {
			bench.tars[base] = await findBaseTar(bench, base);
		} catch (error) {
			if (error.name === 'AbortError') throw error;
			failures.set(base, error.message);
		}
	}
	return workloads.filter(({name, bases = []}) => {
		const missing = bases.find((base) => failures.has(base));
		if (missing === undefined) return true;
		leftOut.push({name, reason: `its base ${missing} cannot be made: ${failures.get(missing)}`});
		console.log(`${name} is left out: its base ${missing} cannot be made`);
		return false;
	});
}
