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

/** A filter as `struct sock_filter[]`. */
export function encodeFilter(program: readonly Bpf[]): Buffer {
	const bytes = Buffer.alloc(program.length * 8);
	for (const [index, [code, jt, jf, k]] of program.entries()) {
		bytes.writeUInt16LE(code, index * 8);
		bytes.writeUInt8(jt, index * 8 + 2);
		bytes.writeUInt8(jf, index * 8 + 3);
		bytes.writeUInt32LE(k, index * 8 + 4);
	}
	return bytes;
}
