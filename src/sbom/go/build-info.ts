import {type Elf, type ElfFile, parseElf} from './elf.ts';

/** What the Go linker writes into every program (Go, debug/buildinfo). */
export interface GoBuildInfo {
	/** Such as `go1.22.1`. */
	readonly goVersion: string;
	/** Lines of runtime/debug.BuildInfo; empty where the program was built without modules. */
	readonly modules: string;
}

const magic = '\xff Go buildinf:';
const headerSize = 32;
const alignment = 16;
/** As far as Go itself looks for it where there are no section headers. */
const searched = 64 * 1024;
const longestText = 4 * 1024 * 1024;

/** Undefined for what is no Go program; a text says why its build information cannot be read. */
export function readBuildInfo(file: ElfFile): GoBuildInfo | string | undefined {
	const elf = parseElf(file);
	const place = elf === undefined ? undefined : findHeader(file, elf);
	if (elf === undefined || place === undefined) return undefined;
	const header = file.read(place, headerSize);
	const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
	if (header.length < headerSize) return 'its build information is cut';
	const flags = view.getUint8(15);
	const texts = (flags & 2) === 0 ? pointedTexts(file, elf, view) : inlineTexts(file, place + headerSize);
	if (texts === undefined) return 'its build information points outside the file';
	const [goVersion, modules] = texts;
	if (goVersion === '') return 'its build information has no version of Go';
	return {goVersion, modules: withoutSentinels(modules)};
}

function findHeader(file: ElfFile, elf: Elf): number | undefined {
	const section = elf.section('.go.buildinfo');
	const segment = elf.segments.find(({writable}) => writable);
	const part = section ?? segment;
	if (part === undefined) return undefined;
	const text = new TextDecoder('latin1').decode(file.read(part.offset, Math.min(part.size, searched)));
	for (let at = text.indexOf(magic); at !== -1; at = text.indexOf(magic, at + 1)) if (at % alignment === 0) return part.offset + at;
	return undefined;
}

/** Since Go 1.18: two texts, each after its length as a varint. */
function inlineTexts(file: ElfFile, start: number): readonly [string, string] | undefined {
	let at = start;
	const next = (): string | undefined => {
		const head = file.read(at, 10);
		let length = 0;
		for (const [index, byte] of head.entries()) {
			length += (byte & 0x7f) * 2 ** (7 * index);
			if (byte >= 0x80) continue;
			at += index + 1;
			const text = textAt(file, at, length);
			at += length;
			return text;
		}
		return undefined;
	};
	const goVersion = next();
	const modules = next();
	return goVersion === undefined || modules === undefined ? undefined : [goVersion, modules];
}

/** Before Go 1.18: addresses of two Go strings, each an address and a length. */
function pointedTexts(file: ElfFile, elf: Elf, header: DataView): readonly [string, string] | undefined {
	const size = header.getUint8(14);
	if (size !== 4 && size !== 8) return undefined;
	const littleEndian = (header.getUint8(15) & 1) === 0;
	const wordAt = (view: DataView, at: number): number =>
		size === 8 ? Number(view.getBigUint64(at, littleEndian)) : view.getUint32(at, littleEndian);
	const stringAt = (address: number): string | undefined => {
		if (address === 0) return '';
		const place = offsetOf(elf, address);
		const bytes = place === undefined ? new Uint8Array(0) : file.read(place, 2 * size);
		if (bytes.length < 2 * size) return undefined;
		const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		const [data, length] = [wordAt(view, 0), wordAt(view, size)];
		const offset = offsetOf(elf, data);
		return length === 0 ? '' : offset === undefined ? undefined : textAt(file, offset, length);
	};
	const goVersion = stringAt(wordAt(header, 16));
	const modules = stringAt(wordAt(header, 16 + size));
	return goVersion === undefined || modules === undefined ? undefined : [goVersion, modules];
}

function offsetOf(elf: Elf, address: number): number | undefined {
	const segment = elf.segments.find((part) => address >= part.address && address < part.address + part.size);
	return segment === undefined ? undefined : segment.offset + address - segment.address;
}

function textAt(file: ElfFile, offset: number, length: number): string | undefined {
	if (length > longestText || offset + length > file.size) return undefined;
	// Latin-1 first: the sentinels around the module text are no UTF-8.
	return Buffer.from(file.read(offset, length)).toString('latin1');
}

/** The module text stands between two marks of 16 bytes by which the linker's output is found (cmd/go, modload). */
function withoutSentinels(text: string): string {
	const inner = text.length >= 33 && text.at(-17) === '\n' ? text.slice(16, -16) : '';
	return Buffer.from(inner, 'latin1').toString('utf8');
}
