import {deviceDirectories, deviceLinks, deviceNumbers} from '../devices.ts';
import type {Bind} from '../step-spec.ts';
import {instruction, type Instruction} from './instruction.ts';
import {attributes, restrict} from './mount-attributes.ts';
import {descriptors, openAs} from './open-as.ts';

// Constants of linux/mount.h, fcntl.h and sys/stat.h.
const here = -100;
const openTreeClone = 0x8_0001;
const moveFromEmpty = 0x04;
const regularFile = 0o100666;

const names = Object.keys(deviceNumbers);
const purpose = 'filling /dev';

/**
 * Opens the host's device nodes, before the root is switched: nobody without rights can make them. A read-only mount keeps whose a node is and its
 * mode, which root could change for the whole machine; the device behind it can be written to.
 */
export function openDevices(): Instruction[] {
	return names.flatMap((name, index) => {
		const purpose = `opening /dev/${name}`;
		const descriptor = descriptors.firstDevice + index;
		return [
			...openAs(descriptor, instruction(purpose, 'open_tree', [here, `/dev/${name}`, openTreeClone])),
			restrict(purpose, descriptor, attributes.readOnly),
		];
	});
}

/** Fills the new tmpfs that is mounted on /dev; `binds` are those of the step, which need a place when they are in there. */
export function fillDevices(binds: readonly Bind[]): Instruction[] {
	const places = binds.filter(({target}) => target.startsWith('/dev/')).map(({target}) => target);
	const parents = new Set(places.map((place) => place.slice(0, place.lastIndexOf('/'))).filter((parent) => parent !== '/dev'));
	return [
		...names.flatMap((name, index) => [
			makeFile(`/dev/${name}`),
			instruction(purpose, 'move_mount', [descriptors.firstDevice + index, '', here, `/dev/${name}`, moveFromEmpty]),
		]),
		...deviceDirectories.map((name) => instruction(purpose, 'mkdirat', [here, `/dev/${name}`, 0o755])),
		...deviceLinks.map(([name, target]) => instruction(purpose, 'symlinkat', [target, here, `/dev/${name}`])),
		...[...parents].map((parent) => instruction(purpose, 'mkdirat', [here, parent, 0o755], {onFailure: 'ignore'})),
		...places.filter((place) => place !== '/dev/shm').map(makeFile),
	];
}

function makeFile(path: string): Instruction {
	return instruction(purpose, 'mknodat', [here, path, regularFile, 0]);
}
