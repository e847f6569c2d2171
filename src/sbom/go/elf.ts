/** Reads of a file: fewer bytes at its end. */
export interface ElfFile {
	readonly size: number;
	read(offset: number, length: number): Uint8Array;
}

/** A part of the file and where programs see it. */
export interface ElfPart {
	readonly address: number;
	readonly offset: number;
	readonly size: number;
}

/** What matters of an ELF file (System V ABI, chapter 4 and 5). */
export interface Elf {
	readonly littleEndian: boolean;
	/** PT_LOAD segments, as far as they are in the file. */
	readonly segments: readonly (ElfPart & {readonly writable: boolean})[];
	/** The section of the name, when there are section headers. */
	section(name: string): ElfPart | undefined;
}

const mostHeaders = 4096;
const mostNameBytes = 1 << 20;

/** Undefined for what is no ELF file, or one that is cut. */
export function parseElf(file: ElfFile): Elf | undefined {
	const head = file.read(0, 64);
	if (head.length < 52 || head[0] !== 0x7f || head[1] !== 0x45 || head[2] !== 0x4c || head[3] !== 0x46) return undefined;
	const is64 = head[4] === 2;
	const littleEndian = head[5] === 1;
	if ((head[4] !== 1 && !is64) || (head[5] !== 2 && !littleEndian) || (is64 && head.length < 64)) return undefined;
	const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
	const word = (from: DataView, at: number): number =>
		is64 ? Number(from.getBigUint64(at, littleEndian)) : from.getUint32(at, littleEndian);
	const half = (at: number): number => view.getUint16(at, littleEndian);
	const table = (offset: number, entry: number, count: number): readonly DataView[] => {
		if (entry < (is64 ? 56 : 32) || entry > 256 || count > mostHeaders || !Number.isSafeInteger(offset)) return [];
		const bytes = file.read(offset, entry * count);
		return Array.from(
			{length: Math.floor(bytes.length / entry)},
			(_, index) => new DataView(bytes.buffer, bytes.byteOffset + index * entry, entry),
		);
	};
	const after = is64 ? 0x36 : 0x2a;
	const segments = table(word(view, is64 ? 0x20 : 0x1c), half(after), half(after + 2)).flatMap((header) => {
		if (header.getUint32(0, littleEndian) !== 1) return [];
		const flags = header.getUint32(is64 ? 4 : 24, littleEndian);
		const [offset, address, size] = is64 ? [8, 16, 32] : [4, 8, 16];
		return [
			{offset: word(header, offset ?? 0), address: word(header, address ?? 0), size: word(header, size ?? 0), writable: (flags & 2) !== 0},
		];
	});
	const sections = (): readonly (ElfPart & {readonly name: number})[] => {
		const size = half(after + 4);
		if (size < (is64 ? 64 : 40)) return [];
		return table(word(view, is64 ? 0x28 : 0x20), size, half(after + 6)).map((header) => {
			const [address, offset, size] = is64 ? [16, 24, 32] : [12, 16, 20];
			return {
				name: header.getUint32(0, littleEndian),
				address: word(header, address ?? 0),
				offset: word(header, offset ?? 0),
				size: word(header, size ?? 0),
			};
		});
	};
	return {
		littleEndian,
		segments,
		section(name) {
			const all = sections();
			const names = all[half(after + 8)];
			if (names === undefined || names.size > mostNameBytes) return undefined;
			const text = new TextDecoder('latin1').decode(file.read(names.offset, names.size));
			return all.find((section) => text.startsWith(`${name}\0`, section.name));
		},
	};
}
