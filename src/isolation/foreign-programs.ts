/** How programs of an architecture look and what emulates them. */
export interface ForeignPrograms {
	/** ELFCLASS32 or ELFCLASS64. */
	readonly bits: 32 | 64;
	readonly isBigEndian: boolean;
	/** e_machine (elf.h). */
	readonly machine: number;
	/** QEMU's name of it, as in `qemu-NAME-static`. */
	readonly emulator: string;
}

const little = (bits: 32 | 64, machine: number, emulator: string): ForeignPrograms => ({bits, isBigEndian: false, machine, emulator});
const big = (bits: 32 | 64, machine: number, emulator: string): ForeignPrograms => ({bits, isBigEndian: true, machine, emulator});

/** By GOARCH name. */
const known: ReadonlyMap<string, ForeignPrograms> = new Map([
	['386', little(32, 3, 'i386')],
	['amd64', little(64, 62, 'x86_64')],
	['arm', little(32, 40, 'arm')],
	['arm64', little(64, 183, 'aarch64')],
	['loong64', little(64, 258, 'loongarch64')],
	['mips', big(32, 8, 'mips')],
	['mipsle', little(32, 8, 'mipsel')],
	['mips64', big(64, 8, 'mips64')],
	['mips64le', little(64, 8, 'mips64el')],
	['ppc64', big(64, 21, 'ppc64')],
	['ppc64le', little(64, 21, 'ppc64le')],
	['riscv64', little(64, 243, 'riscv64')],
	['s390x', big(64, 22, 's390x')],
]);

/** Architectures whose programs another one usually runs by itself. */
const compatible: Readonly<Record<string, readonly string[]>> = {amd64: ['386'], arm64: ['arm'], ppc64le: ['ppc64']};

/** What it takes to run programs of an architecture on another: `own` when they run by themselves, undefined when nothing is known of them. */
export function foreignPrograms(architecture: string, machine: string): ForeignPrograms | 'own' | undefined {
	if (architecture === machine || compatible[machine]?.includes(architecture) === true) return 'own';
	return known.get(architecture);
}

/** The first 20 bytes of an executable (elf(5)), and which bits of them count: position-independent ones are of another type. */
export function headerOf({bits, isBigEndian, machine}: ForeignPrograms): {readonly magic: Buffer; readonly mask: Buffer} {
	const magic = Buffer.alloc(20);
	magic.set([0x7f, 0x45, 0x4c, 0x46, bits === 64 ? 2 : 1, isBigEndian ? 2 : 1, 1]);
	const mask = Buffer.alloc(20, 0xff);
	// Any operating system's ABI; the padding has no meaning.
	mask.fill(0, 7, 16);
	if (isBigEndian) {
		magic.writeUInt16BE(2, 16);
		magic.writeUInt16BE(machine, 18);
		mask[17] = 0xfe;
	} else {
		magic.writeUInt16LE(2, 16);
		magic.writeUInt16LE(machine, 18);
		mask[16] = 0xfe;
	}
	return {magic, mask};
}

/**
 * The line that registers an interpreter (kernel documentation, binfmt-misc.rst): F opens it at once, so that it works in every root; P keeps
 * argv[0]; C lets set-user-ID programs be that.
 */
export function registration(programs: ForeignPrograms, interpreter: string): string {
	const {magic, mask} = headerOf(programs);
	return `:boxbuild-${programs.emulator}:M::${escaped(magic)}:${escaped(mask)}:${interpreter}:FPC`;
}

function escaped(bytes: Buffer): string {
	return [...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
}

/** True when an entry of binfmt_misc (as its file shows it) runs such programs in any root: it is on, opened beforehand, and its magic fits. */
export function entryRuns(text: string, programs: ForeignPrograms): boolean {
	const lines = text.split('\n');
	const valueOf = (name: string): string | undefined =>
		lines
			.find((line) => line.startsWith(`${name} `))
			?.slice(name.length + 1)
			.trim();
	if (!lines.includes('enabled') || valueOf('flags:')?.includes('F') !== true || valueOf('offset') !== '0') return false;
	const magic = Buffer.from(valueOf('magic') ?? '', 'hex');
	const mask = Buffer.from(valueOf('mask') ?? 'ff'.repeat(magic.length), 'hex');
	const head = headerOf(programs).magic;
	if (magic.length === 0 || magic.length > head.length) return false;
	return magic.every((byte, at) => ((byte ^ (head[at] ?? 0)) & (mask[at] ?? 0xff)) === 0);
}
