/** One classic BPF instruction: code, jump if true, jump if false, constant (linux/filter.h). */
export type Bpf = readonly [code: number, jt: number, jf: number, k: number];

/** Opcodes that the filters are made of. */
export const loadWord = 0x20;
export const jumpEqual = 0x15;
export const jumpGreater = 0x25;
export const jumpGreaterEqual = 0x35;
export const jumpAnySet = 0x45;
export const give = 0x06;

/** Offsets in struct seccomp_data (linux/seccomp.h). */
export const numberOffset = 0;
export const archOffset = 4;

/** Offset of the low half of an argument, which comes first: arguments are 64 bits wide. */
export function argumentOffset(position: number): number {
	return 16 + 8 * position;
}

/** SECCOMP_RET_ALLOW. */
export const allow: Bpf = [give, 0, 0, 0x7fff_0000];

/** A filter as `struct sock_filter[]`, in the order of this machine. Throws RangeError for what does not fit into 16, 8, 8 and 32 bits. */
export function encodeFilter(program: readonly Bpf[]): Buffer {
	const words = new Uint32Array(2 * program.length);
	let at = 0;
	for (const [code, jt, jf, k] of program) {
		if (code >>> 16 !== 0 || (jt | jf) >>> 8 !== 0 || k >>> 0 !== k)
			throw new RangeError(`no instruction of a filter is ${code}, ${jt}, ${jf}, ${k}`);
		words[at++] = code | (jt << 16) | (jf << 24);
		words[at++] = k;
	}
	return Buffer.from(words.buffer);
}
