import type {Architecture} from './architecture.ts';
import {
	allow,
	archOffset,
	argumentOffset,
	type Bpf,
	encodeFilter,
	give,
	jumpAnySet,
	jumpEqual,
	jumpGreaterEqual,
	loadWord,
	numberOffset,
} from './bpf.ts';

const notPermitted: Bpf = [give, 0, 0, 0x0005_0001];
/** ENOSYS makes C libraries use an older call instead. */
const noSuchCall: Bpf = [give, 0, 0, 0x0005_0026];

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET, NEWTIME (linux/sched.h). */
const namespaceFlags = 0x7e02_0080;
/** Values of personality(2) that Docker allows: PER_LINUX, ADDR_NO_RANDOMIZE combinations and the query. */
const personalities = [0, 8, 0x2_0000, 0x2_0008, 0xffff_ffff];
/** AF_VSOCK reaches the hypervisor's host, around every network namespace. */
const vsock = 40;
/** Numbers above the newest call that was looked at; unknown ones must look like an older kernel. */
const firstUnknown = 463;

/**
 * A default-deny filter in the spirit of Docker's profile: `struct sock_filter[]` as bytes.
 * Calls of other architectures than the native one get ENOSYS, denied ones EPERM, clone3 ENOSYS (its flags lie in memory).
 */
export function seccompProfile(architecture: Architecture): Buffer {
	const known = profiles.get(architecture.name);
	if (known !== undefined) return known;
	const program: Bpf[] = [
		[loadWord, 0, 0, archOffset],
		[jumpEqual, 1, 0, architecture.audit],
		noSuchCall,
		[loadWord, 0, 0, numberOffset],
		...whenNumber(architecture.number('clone'), [
			[loadWord, 0, 0, argumentOffset(0)],
			[jumpAnySet, 0, 1, namespaceFlags],
			notPermitted,
			allow,
		]),
		...whenNumber(architecture.number('clone3'), [noSuchCall]),
		...whenNumber(architecture.number('personality'), [
			[loadWord, 0, 0, argumentOffset(0)],
			...personalities.flatMap((value): Bpf[] => [[jumpEqual, 0, 1, value], allow]),
			notPermitted,
		]),
		...whenNumber(architecture.number('socket'), [[loadWord, 0, 0, argumentOffset(0)], [jumpEqual, 0, 1, vsock], notPermitted, allow]),
		...decide(rangesOf(architecture.allowed)),
	];
	const profile = encodeFilter(program);
	profiles.set(architecture.name, profile);
	return profile;
}

const profiles = new Map<Architecture['name'], Buffer>();

function whenNumber(number: number, body: readonly Bpf[]): Bpf[] {
	return [[jumpEqual, 0, body.length, number], ...body];
}

interface Range {
	readonly first: number;
	/** Exclusive. */
	readonly end: number;
}

function rangesOf(numbers: readonly number[]): Range[] {
	const ranges: {first: number; end: number}[] = [];
	for (const number of numbers) {
		const last = ranges.at(-1);
		if (last !== undefined && last.end === number) last.end += 1;
		else ranges.push({first: number, end: number + 1});
	}
	return ranges;
}

/** A binary search over the allowed ranges: about seven comparisons a call instead of three hundred. */
function decide(ranges: readonly Range[]): Bpf[] {
	const boundaries: {at: number; verdict: Bpf}[] = [{at: 0, verdict: notPermitted}];
	for (const {first, end} of ranges) boundaries.push({at: first, verdict: allow}, {at: end, verdict: notPermitted});
	boundaries.push({at: firstUnknown, verdict: noSuchCall});
	return search(boundaries.filter((boundary, index) => boundaries[index + 1]?.at !== boundary.at));
}

function search(boundaries: readonly {at: number; verdict: Bpf}[]): Bpf[] {
	const middle = boundaries.length >> 1;
	const boundary = boundaries[middle];
	if (boundary === undefined || boundaries.length === 1) return [boundaries[0]?.verdict ?? notPermitted];
	const below = search(boundaries.slice(0, middle));
	const above = search(boundaries.slice(middle));
	if (below.length > 255) return [[jumpGreaterEqual, 0, 1, boundary.at], [0x05, 0, 0, below.length], ...below, ...above];
	return [[jumpGreaterEqual, below.length, 0, boundary.at], ...below, ...above];
}
