import {checked, errno, errnoNumber, libcFunction} from './libc.ts';

const poll = libcFunction('int poll(void *descriptors, ulong count, int timeout)') as (
	descriptors: Buffer,
	count: number,
	timeout: number,
) => number;
const eventfd = libcFunction('int eventfd(uint value, int flags)') as (value: number, flags: number) => number;
const closeOnExecNonBlocking = 0x8_0800;

/** struct pollfd and its events (poll(2)). */
const entrySize = 8;
const readableEvent = 0x1;
const endedEvents = 0x18;

/** Waits at most so many milliseconds, holding this thread up; tells which descriptors can be read and whose other side is gone. */
export function pollReadable(
	descriptors: readonly number[],
	milliseconds: number,
): {readonly readable: readonly number[]; readonly ended: readonly number[]} {
	const entries = Buffer.alloc(descriptors.length * entrySize);
	for (const [index, descriptor] of descriptors.entries()) {
		entries.writeInt32LE(descriptor, index * entrySize);
		entries.writeInt16LE(readableEvent, index * entrySize + 4);
	}
	const found = poll(entries, descriptors.length, milliseconds);
	if (found < 0 && errno() !== errnoNumber('EINTR')) checked(found, 'poll');
	const having = (events: number): readonly number[] =>
		found <= 0 ? [] : descriptors.filter((_, index) => (entries.readInt16LE(index * entrySize + 6) & events) !== 0);
	return {readable: having(readableEvent), ended: having(endedEvents)};
}

/** A counter that makes a poll return when something is added to it (eventfd(2)); the caller closes it. */
export function openEvent(): number {
	return checked(eventfd(0, closeOnExecNonBlocking), 'eventfd');
}
