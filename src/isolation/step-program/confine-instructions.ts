import type {AnsweredCalls, StepSpec} from '../step-spec.ts';
import {droppedCapabilities} from '../capabilities.ts';
import {seccompProfile} from '../seccomp-profile.ts';
import type {Architecture} from '../architecture.ts';
import {everyIdFilter, farIdFilter} from '../call-filter.ts';
import {firstSlack} from '../identities.ts';
import {either, instruction, type Instruction} from './instruction.ts';
import {limitResources} from './limit-instructions.ts';
import {openAs} from './open-as.ts';
import {interceptedSize, listenerDescriptor, statusDescriptor} from './status.ts';

const dropFromBoundingSet = 24;
const setModeFilter = 1;
const newListener = 8;
/** SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (Linux 5.19): no signal breaks off a call that the builder is at. */
const waitUntilAnswered = 0x20;
const setTimerSlack = 29;
const numberOfFiles = 7;
const softFiles = 1024;

/** From the builder's rights to the step's: host name, limits, capabilities, seccomp, user, directory. Ends with the command itself. */
export function confineInstructions(spec: StepSpec, dieWithParent: Instruction): Instruction[] {
	return [
		// The filter of a container around may forbid it: then the name is that of the container.
		...(spec.hasNamespaces
			? [instruction('setting the host name', 'sethostname', [spec.hostname, Buffer.byteLength(spec.hostname)], {onFailure: 'ignore'})]
			: []),
		instruction('limiting open files', 'prlimit64', [0, numberOfFiles, {bytes: limits(spec.maxFiles)}, 0]),
		...limitResources(spec.limits ?? {}),
		instruction('setting the umask', 'umask', [0o022]),
		...(spec.uid === 0
			? []
			: [1, 2].map((descriptor) => instruction('handing over output', 'fchown', [descriptor, spec.uid, spec.gid], {onFailure: 'ignore'}))),
		...(spec.answers === undefined ? [] : answerCalls(spec.answers, spec.architecture)),
		...makeWorkingDirectory(spec),
		instruction(`entering the working directory ${spec.cwd}`, 'chdir', [spec.cwd]),
		// Capabilities above the kernel's last one are EINVAL.
		...(spec.insecure ? [] : droppedCapabilities).map((number) =>
			instruction('dropping capabilities', 'prctl', [dropFromBoundingSet, number, 0, 0, 0], {onFailure: 'ignore'}),
		),
		instruction('setting groups', 'setgroups', [spec.groups.length, {bytes: words(spec.groups)}], {
			onFailure: spec.canSetGroups ? 'report' : 'ignore',
		}),
		instruction(`becoming group ${spec.gid}`, 'setresgid', [spec.gid, spec.gid, spec.gid]),
		// Installing a filter without no_new_privs takes CAP_SYS_ADMIN, so it comes before the user changes; the filter allows setresuid and execve.
		// Without namespaces there is no CAP_SYS_ADMIN either.
		...(spec.insecure || !spec.hasNamespaces
			? []
			: [instruction('installing the seccomp filter', 'seccomp', [setModeFilter, 0, {filter: seccompProfile(spec.architecture)}])]),
		instruction(`becoming user ${spec.uid}`, 'setresuid', [spec.uid, spec.uid, spec.uid]),
		// A change of user clears the parent death signal (prctl(2)).
		dieWithParent,
		...startCommand(spec),
	];
}

/** Hands the listener of the filter to the builder, and waits until it has it: from then on it answers. */
function answerCalls(answers: AnsweredCalls, architecture: Architecture): Instruction[] {
	const purpose = 'handing over calls about ids';
	const filter = answers.which === 'every-id' ? everyIdFilter(architecture) : farIdFilter(architecture, answers.largest);
	const install = (flags: number): Instruction[] =>
		openAs(listenerDescriptor, instruction(purpose, 'seccomp', [setModeFilter, flags, {filter}]));
	return [
		instruction('setting the timer slack', 'prctl', [setTimerSlack, firstSlack, 0, 0, 0], {onFailure: 'ignore'}),
		...either(install(newListener | waitUntilAnswered), install(newListener)),
		instruction(purpose, 'write', [statusDescriptor, {bytes: Buffer.alloc(interceptedSize)}, interceptedSize]),
		instruction(purpose, 'read', [statusDescriptor, {buffer: 'listening', size: interceptedSize}, interceptedSize]),
		instruction(purpose, 'close', [listenerDescriptor]),
	];
}

/** What is missing of the working directory is made for the user of the step, as BuildKit does: an image can name one that it does not hold. */
function makeWorkingDirectory({cwd, uid, gid}: StepSpec): Instruction[] {
	const names = cwd.split('/').filter((name) => name !== '');
	return names.flatMap((_, index) => {
		const path = `/${names.slice(0, index + 1).join('/')}`;
		return [
			instruction(`making ${path}`, 'mkdirat', [0, path, 0o755], {onFailure: {jump: 1}}),
			// An id that the step cannot have is reported when it becomes that user.
			instruction(`giving ${path} to its user`, 'fchownat', [0, path, uid, gid, 0], {onFailure: 'ignore'}),
		];
	});
}

/** A name without a slash is looked for in PATH of the step's own environment, inside its own root. */
function startCommand(spec: StepSpec): Instruction[] {
	const name = spec.args[0] ?? '';
	const path = spec.env.find((entry) => entry.startsWith('PATH='))?.slice('PATH='.length) ?? '';
	const candidates = name.includes('/') ? [name] : path.split(':').map((directory) => `${directory === '' ? '.' : directory}/${name}`);
	return candidates.map((candidate, index) =>
		instruction(`starting ${name}`, 'execve', [candidate, {strings: spec.args}, {strings: spec.env}], {
			onFailure: index < candidates.length - 1 ? 'ignore' : 'report',
		}),
	);
}

function limits(maxFiles: number): Buffer {
	const rlimit = Buffer.alloc(16);
	rlimit.writeBigUInt64LE(BigInt(Math.min(softFiles, maxFiles)), 0);
	rlimit.writeBigUInt64LE(BigInt(maxFiles), 8);
	return rlimit;
}

function words(numbers: readonly number[]): Buffer {
	const bytes = Buffer.alloc(numbers.length * 4);
	for (const [index, number] of numbers.entries()) bytes.writeUInt32LE(number, index * 4);
	return bytes;
}
