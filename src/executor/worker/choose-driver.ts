import {envNoDriver} from '../../diagnostics/env.ts';
import {BuildError} from '../../diagnostics/build-error.ts';
import type {DriverKind, DriverPlace, DriverProbe, RootfsDriver} from '../../rootfs/driver.ts';
import {drivers} from '../../rootfs/drivers.ts';
import type {StartRequest} from './protocol.ts';
import type {Sightings} from './sightings.ts';

/** The driver that is asked for, or else the first without faults. Throws env/no-driver. */
export async function chooseDriver(
	{driver: wanted, canMount}: Pick<StartRequest, 'driver' | 'canMount'>,
	place: DriverPlace,
	sightings: Sightings,
): Promise<{driver: RootfsDriver; driverFacts: readonly string[]}> {
	const facts: string[] = [];
	for (const kind of drivers) {
		if (wanted !== 'auto' && wanted !== kind.name) continue;
		if (!canMount && !kind.mountless) {
			if (wanted === kind.name) facts.push('without namespaces nothing can be mounted');
			continue;
		}
		const probe = wanted === 'auto' ? probeOnce(kind, place, sightings) : kind.probe(place.directory);
		const {works, facts: seen, faults = []} = await probe;
		facts.push(...(works ? faults : seen));
		if (works && (faults.length === 0 || wanted === kind.name)) return {driver: kind.open(place), driverFacts: facts};
	}
	throw new BuildError(envNoDriver(wanted, facts));
}

/** Only what works without faults is remembered: what is in the way of it may go at any time. */
async function probeOnce({name, probe}: DriverKind, {directory}: DriverPlace, sightings: Sightings): Promise<DriverProbe> {
	const what = `the driver ${name} works`;
	if (sightings.get(what) === true) return {works: true, facts: []};
	const seen = await probe(directory);
	if (seen.works && (seen.faults ?? []).length === 0) sightings.note(what, true);
	return seen;
}
