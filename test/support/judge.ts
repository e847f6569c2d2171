/** A system call as a filter sees it (struct seccomp_data); arguments that are not given are 0. */
export interface JudgedCall {
	readonly audit: number;
	readonly number: number;
	readonly first?: number;
	readonly args?: readonly number[];
}

/** Runs the filter as the kernel would (linux/filter.h): load, jumps, return. */
export function judge(program: Buffer, call: JudgedCall): number {
	const data = Buffer.alloc(64);
	data.writeInt32LE(call.number, 0);
	data.writeUInt32LE(call.audit, 4);
	for (const [at, value] of (call.args ?? [call.first ?? 0]).entries()) data.writeUInt32LE(value >>> 0, 16 + 8 * at);
	let accumulator = 0;
	for (let at = 0; at < program.length / 8; at++) {
		const [code, jt, jf, k] = [
			program.readUInt16LE(at * 8),
			program[at * 8 + 2] ?? 0,
			program[at * 8 + 3] ?? 0,
			program.readUInt32LE(at * 8 + 4),
		];
		if (code === 0x20) accumulator = data.readUInt32LE(k);
		else if (code === 0x15) at += accumulator === k ? jt : jf;
		else if (code === 0x25) at += accumulator > k ? jt : jf;
		else if (code === 0x35) at += accumulator >= k ? jt : jf;
		else if (code === 0x45) at += (accumulator & k) === 0 ? jf : jt;
		else if (code === 0x05) at += k;
		else if (code === 0x06) return k;
		else throw new Error(`unknown instruction ${code}`);
	}
	throw new Error('the filter ended without a verdict');
}
