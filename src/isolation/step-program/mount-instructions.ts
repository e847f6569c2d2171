import type {Bind, MaskedPaths, RootMount, StepSpec} from '../step-spec.ts';
import {fillDevices, openDevices} from './device-instructions.ts';
import {attributes, restrict, restrictPath} from './mount-attributes.ts';
import {descriptors, openAs} from './open-as.ts';
import {either, instruction, type Instruction} from './instruction.ts';

// Constants of linux/mount.h and fcntl.h.
const here = -100;
const recursivePrivate = 0x4_4000;
const bindRecursive = 0x5000;
const recursive = 0x8000;
const openTreeClone = 0x8_0001;
const moveFromEmpty = 0x04;
const moveFollowTarget = 0x10;
const fsOpenCloseOnExec = 1;
const configFlag = 0;
const configString = 1;
const configCreate = 6;
const guarded = attributes.noSetuid | attributes.noDevices | attributes.noExec;
const detach = 2;

/** From the host's mounts to a root of its own: the root, binds, /proc, /sys, /dev; nothing of the old root stays reachable. */
export function mountInstructions(spec: StepSpec): Instruction[] {
	return [
		instruction('making mounts private', 'mount', ['none', '/', 0, recursivePrivate, 0]),
		...mountRoot(spec.root, spec.mountpoint),
		...(spec.insecure ? [] : [denyDevices(spec)]),
		...openDevices(),
		...openSys(spec.network),
		...spec.binds.flatMap((bind, index) => openBind(bind, descriptors.firstBind + index)),
		...openProc(),
		instruction('entering the root', 'chdir', [spec.root.kind === 'mounted' ? spec.root.path : spec.mountpoint]),
		instruction('switching the root', 'pivot_root', ['.', '.']),
		instruction('leaving the old root', 'umount2', ['.', detach]),
		instruction('entering the new root', 'chdir', ['/']),
		// From here on every path is resolved inside the new root, so no symlink of the image can lead out of it.
		attach('mounting /proc', descriptors.proc, '/proc'),
		attach('mounting /sys', descriptors.sys, '/sys'),
		...mountNew('tmpfs', '/dev', {mode: '0755', size: '64m'}, attributes.noSetuid | (spec.insecure ? 0 : attributes.noDevices)),
		...fillDevices(spec.binds),
		...mountNew('devpts', '/dev/pts', {newinstance: '', ptmxmode: '0666', mode: '0620'}, attributes.noSetuid | attributes.noExec),
		...mountNew('tmpfs', '/dev/shm', {mode: '1777', size: '64m'}, guarded),
		...mountNew('mqueue', '/dev/mqueue', {}, guarded).map((step): Instruction => ({...step, onFailure: 'ignore'})),
		...spec.binds.map((bind, index) => attachBind(bind, descriptors.firstBind + index)),
		...mask(spec.masks),
	];
}

function mountRoot(root: RootMount, mountpoint: string): Instruction[] {
	if (root.kind === 'mounted') return [];
	if (root.kind === 'directory') return [instruction('binding the root', 'mount', [root.path, mountpoint, 0, bindRecursive, 0])];
	const purpose = 'mounting the overlay';
	if (!root.lowerByLower) {
		const options = `lowerdir=${root.lowers.join(':')},upperdir=${root.upper},workdir=${root.work},userxattr,volatile`;
		return [instruction(purpose, 'mount', ['overlay', mountpoint, 'overlay', 0, options])];
	}
	const set = (key: string, value: string) => instruction(purpose, 'fsconfig', [descriptors.context, configString, key, value, 0]);
	const flag = (key: string) => instruction(purpose, 'fsconfig', [descriptors.context, configFlag, key, 0, 0]);
	return [
		...openAs(descriptors.context, instruction(purpose, 'fsopen', ['overlay', fsOpenCloseOnExec])),
		...root.lowers.map((lower) => set('lowerdir+', lower)),
		set('upperdir', root.upper),
		set('workdir', root.work),
		flag('userxattr'),
		flag('volatile'),
		instruction(purpose, 'fsconfig', [descriptors.context, configCreate, 0, 0, 0]),
		...openAs(descriptors.root, instruction(purpose, 'fsmount', [descriptors.context, fsOpenCloseOnExec, 0])),
		attach(purpose, descriptors.root, mountpoint),
	];
}

/** A step of root could make the device of a disk and read it: only the nodes that the sandbox puts into /dev can be opened. */
function denyDevices({root, mountpoint}: StepSpec): Instruction {
	const path = root.kind === 'mounted' ? root.path : mountpoint;
	return restrictPath('closing devices', path, attributes.noDevices);
}

/** The host's /sys read-only; with a network namespace of its own a new one, where the kernel allows it, that does not show the host's interfaces. */
function openSys(network: StepSpec['network']): Instruction[] {
	const hosts = openAs(descriptors.sys, cloneTree('opening /sys', '/sys'));
	const own = [
		...openAs(descriptors.context, instruction('opening /sys', 'fsopen', ['sysfs', fsOpenCloseOnExec])),
		instruction('making /sys', 'fsconfig', [descriptors.context, configCreate, 0, 0, 0]),
		...either(openAs(descriptors.sys, instruction('making /sys', 'fsmount', [descriptors.context, fsOpenCloseOnExec, guarded])), hosts),
	];
	return [...(network === 'none' ? own : hosts), restrict('making /sys read-only', descriptors.sys, attributes.readOnly | guarded)];
}

/** A new /proc of the step's own process namespace; where the kernel refuses it because the outer one is masked, the outer one. */
function openProc(): Instruction[] {
	return [
		...openAs(descriptors.context, instruction('opening /proc', 'fsopen', ['proc', fsOpenCloseOnExec])),
		instruction('making /proc', 'fsconfig', [descriptors.context, configCreate, 0, 0, 0]),
		...either(
			openAs(descriptors.proc, instruction('making /proc', 'fsmount', [descriptors.context, fsOpenCloseOnExec, guarded])),
			openAs(descriptors.proc, cloneTree('opening the outer /proc', '/proc')),
		),
	];
}

function mountNew(type: string, target: string, options: Readonly<Record<string, string>>, attribute: number): Instruction[] {
	const purpose = `mounting ${target}`;
	return [
		...openAs(descriptors.context, instruction(purpose, 'fsopen', [type, fsOpenCloseOnExec])),
		...Object.entries(options).map(([key, value]) =>
			instruction(purpose, 'fsconfig', [descriptors.context, value === '' ? configFlag : configString, key, value === '' ? 0 : value, 0]),
		),
		instruction(purpose, 'fsconfig', [descriptors.context, configCreate, 0, 0, 0]),
		...openAs(descriptors.temporary, instruction(purpose, 'fsmount', [descriptors.context, fsOpenCloseOnExec, attribute])),
		attach(purpose, descriptors.temporary, target),
	];
}

function mask(paths: MaskedPaths): Instruction[] {
	return [
		...paths.files.flatMap((path) => [
			...openAs(descriptors.temporary, cloneTree(`hiding ${path}`, '/dev/null')),
			attach(`hiding ${path}`, descriptors.temporary, path),
		]),
		...paths.directories.flatMap((path) => mountNew('tmpfs', path, {size: '0', nr_inodes: '2'}, attributes.readOnly | guarded)),
		...paths.readOnly.flatMap((path) => [
			...openAs(descriptors.temporary, cloneTree(`making ${path} read-only`, path)),
			restrict(`making ${path} read-only`, descriptors.temporary, attributes.readOnly | guarded),
			attach(`making ${path} read-only`, descriptors.temporary, path),
		]),
	];
}

function cloneTree(purpose: string, path: string): Instruction {
	return instruction(purpose, 'open_tree', [here, path, openTreeClone | recursive]);
}

function attach(purpose: string, descriptor: number, target: string): Instruction {
	return instruction(purpose, 'move_mount', [descriptor, '', here, target, moveFromEmpty]);
}

function openBind(bind: Bind, descriptor: number): Instruction[] {
	const access = bind.writable === true ? 0 : attributes.readOnly;
	return [
		...openAs(descriptor, cloneTree(`opening ${bind.source}`, bind.source)),
		restrict(`restricting ${bind.target}`, descriptor, access | attributes.noSetuid | attributes.noDevices),
	];
}

function attachBind(bind: Bind, descriptor: number): Instruction {
	return instruction(`binding ${bind.target}`, 'move_mount', [descriptor, '', here, bind.target, moveFromEmpty | moveFollowTarget], {
		onFailure: bind.optional ? 'ignore' : 'report',
	});
}
