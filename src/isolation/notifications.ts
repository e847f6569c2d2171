import {closeSync} from 'node:fs';
import {errno, errnoNumber, libcFunction} from '../host/libc.ts';
import type {Answer} from './answer.ts';

const ioctl = libcFunction('int ioctl(int descriptor, ulong request, void *argument)') as (
	descriptor: number,
	request: number,
	argument: Buffer,
) => number;

/** SECCOMP_IOCTL_NOTIF_RECV, _SEND, _ID_VALID and _ADDFD (linux/seccomp.h). */
const receiveRequest = 0xc050_2100;
const sendRequest = 0xc018_2101;
const isValidRequest = 0x4008_2102;
const addDescriptorRequest = 0x4018_2103;
/** Sizes of struct seccomp_notif, seccomp_notif_resp, seccomp_notif_addfd (seccomp_unotify(2)). */
const notificationSize = 80;
const responseSize = 24;
const addDescriptorSize = 24;
/** SECCOMP_USER_NOTIF_FLAG_CONTINUE. */
const goOn = 1;
/** SECCOMP_ADDFD_FLAG_SEND (Linux 5.14): the call returns the new descriptor. */
const andAnswer = 2;
const closeOnExec = 0o2_000_000;

/** One call that waits. */
export interface Notification {
	readonly id: Buffer;
	readonly thread: number;
	/** Of the call, in the table of the caller's architecture. */
	readonly number: number;
	readonly values: readonly bigint[];
}

/** The calls of one step that wait for an answer. */
export class Notifications {
	readonly #listener: number;

	constructor(listener: number) {
		this.#listener = listener;
	}

	/** The next one; there must be one. Undefined when whoever asked is gone already (ENOENT). */
	receive(): Notification | undefined {
		const buffer = Buffer.alloc(notificationSize);
		if (ioctl(this.#listener, receiveRequest, buffer) < 0) return undefined;
		return {
			id: buffer.subarray(0, 8),
			thread: buffer.readUInt32LE(8),
			number: buffer.readInt32LE(16),
			values: [0, 1, 2, 3, 4, 5].map((index) => buffer.readBigUInt64LE(32 + 8 * index)),
		};
	}

	/** False when it has been given up; the number of its thread may be another's by then. */
	isWaiting(id: Buffer): boolean {
		return ioctl(this.#listener, isValidRequest, id) === 0;
	}

	send(id: Buffer, answer: Answer): void {
		const response = Buffer.alloc(responseSize);
		id.copy(response, 0);
		if (answer.kind === 'descriptor') {
			if (this.#giveDescriptor(id, answer, response)) return;
		} else if (answer.kind === 'go-on') response.writeUInt32LE(goOn, 20);
		else if (answer.kind === 'value') response.writeBigInt64LE(BigInt(answer.value), 8);
		else response.writeInt32LE(-answer.errno, 16);
		ioctl(this.#listener, sendRequest, response);
	}

	/** True when that was the answer; otherwise what is to be sent is in `response`. */
	#giveDescriptor(id: Buffer, {descriptor, closesOnExec}: Extract<Answer, {kind: 'descriptor'}>, response: Buffer): boolean {
		const request = Buffer.alloc(addDescriptorSize);
		id.copy(request, 0);
		request.writeUInt32LE(andAnswer, 8);
		request.writeUInt32LE(descriptor, 12);
		request.writeUInt32LE(closesOnExec ? closeOnExec : 0, 20);
		try {
			if (ioctl(this.#listener, addDescriptorRequest, request) >= 0) return true;
			if (errno() === errnoNumber('EINVAL')) {
				request.writeUInt32LE(0, 8);
				const number = ioctl(this.#listener, addDescriptorRequest, request);
				response.writeBigInt64LE(BigInt(Math.max(number, 0)), 8);
				if (number >= 0) return false;
			}
			// EMFILE, most likely.
			response.writeInt32LE(-errno(), 16);
			return false;
		} finally {
			closeSync(descriptor);
		}
	}
}
