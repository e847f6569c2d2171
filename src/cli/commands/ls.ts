import {normalizeRaw, type RawPath, rawOf, textOf} from '../../core/raw-path.ts';
import {cliNoPath} from '../../diagnostics/cli.ts';
import {BuildError} from '../../diagnostics/build-error.ts';
import {plainLine} from '../../diagnostics/plain-text.ts';
import {imageFiles} from '../../executor/image-files.ts';
import {openStore} from '../../store/open-store.ts';
import type {TarEntry} from '../../tar/entry.ts';
import type {CommandModule} from '../command.ts';
import {findImage} from '../stored-image.ts';
import {storeDirectory} from '../store-directory.ts';

/** `boxbuild ls`: the files of an image's merged file system. */
export const lsCommand: CommandModule = {
	define(command, {terminal, env}) {
		command
			.argument('<image>', 'name or digest')
			.argument('[path]', 'list this file, or what this directory holds', '/')
			.option('--json', 'one JSON object a line')
			.option('--store <directory>', 'where images, layers and caches are')
			.action(async (name: string, path: string, flags: {readonly json?: boolean; readonly store?: string}) => {
				const store = openStore(storeDirectory(flags.store, env));
				const {config, manifest} = findImage(store, name);
				const layers = config.rootfs.diff_ids.flatMap((diffId, index) => {
					const blob = manifest.layers[index];
					return blob === undefined ? [] : [{diffId, blob}];
				});
				const entries = below(await imageFiles(store, layers), normalizeRaw(rawOf(path)));
				if (entries === undefined) throw new BuildError(cliNoPath(name, path));
				terminal.out(entries.map(flags.json === true ? printJson : printRow).join(''));
			});
	},
};

function below(files: ReadonlyMap<RawPath, TarEntry>, path: RawPath): TarEntry[] | undefined {
	const itself = files.get(path);
	if (itself !== undefined && itself.type !== 'directory') return [itself];
	if (itself === undefined && path !== '') return undefined;
	const prefix = path === '' ? '' : `${path}/`;
	return [...files.values()].filter((entry) => entry.path.startsWith(prefix));
}

const letters: Readonly<Record<TarEntry['type'], string>> = {
	file: '-',
	directory: 'd',
	symlink: 'l',
	hardlink: 'h',
	fifo: 'p',
	char: 'c',
	block: 'b',
};

/** As `tar tv` prints it. */
function printRow({type, mode, uid, gid, size, mtime, path, link}: TarEntry): string {
	const time = new Date(mtime * 1000).toISOString().slice(0, 19).replace('T', ' ');
	const target = link === undefined ? '' : ` ${type === 'hardlink' ? 'link to' : '->'} ${plainLine(textOf(link as RawPath))}`;
	return `${letters[type]}${permissions(mode)} ${String(uid)}/${String(gid)} ${String(size).padStart(10)} ${time} ${plainLine(textOf(path))}${target}\n`;
}

function permissions(mode: number): string {
	const plain = ['r', 'w', 'x', 'r', 'w', 'x', 'r', 'w', 'x'].map((letter, index) => ((mode >> (8 - index)) & 1 ? letter : '-'));
	for (const [bit, position, letter] of [
		[0o4000, 2, 's'],
		[0o2000, 5, 's'],
		[0o1000, 8, 't'],
	] as const) {
		if ((mode & bit) !== 0) plain[position] = plain[position] === '-' ? letter.toUpperCase() : letter;
	}
	return plain.join('');
}

function printJson(entry: TarEntry): string {
	return `${JSON.stringify({...entry, path: textOf(entry.path), ...(entry.link === undefined ? {} : {link: textOf(entry.link as RawPath)})})}\n`;
}
