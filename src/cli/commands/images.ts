import {openStore} from '../../store/open-store.ts';
import type {CommandModule} from '../command.ts';
import {formatBytes} from '../../core/format-bytes.ts';
import {formatTable} from '../format-table.ts';
import {type ImageRow, imageRows} from '../image-rows.ts';
import {storeDirectory} from '../store-directory.ts';

interface ImagesFlags {
	readonly quiet?: boolean;
	readonly digests?: boolean;
	readonly json?: boolean;
	readonly store?: string;
}

/** `boxbuild images`: the names in the store. */
export const imagesCommand: CommandModule = {
	define(command, {terminal, env}) {
		command
			.argument('[name]', 'only these: a name with its tag, or without one for all its tags')
			.option('-q, --quiet', 'print digests only, each once')
			.option('--digests', 'print whole digests')
			.option('--json', 'print JSON')
			.option('--store <directory>', 'where images, layers and caches are')
			.action((filter: string | undefined, flags: ImagesFlags) => {
				const rows = imageRows(openStore(storeDirectory(flags.store, env)), filter);
				if (flags.json === true) terminal.out(`${JSON.stringify(rows, undefined, 2)}\n`);
				else if (flags.quiet === true) terminal.out([...new Set(rows.map(({digest}) => `${digest}\n`))].join(''));
				else terminal.out(tableOf(rows, flags.digests === true));
			});
	},
};

const head = ['NAME', 'DIGEST', 'PLATFORM', 'LAYERS', 'CREATED', 'SIZE'];

function tableOf(rows: readonly ImageRow[], whole: boolean): string {
	const cells = rows.map(({name, digest, platform, layers, created, size}) => [
		name,
		whole ? digest : digest.slice(0, 19),
		platform,
		String(layers),
		created === null ? '' : created.slice(0, 19).replace('T', ' '),
		formatBytes(size),
	]);
	return formatTable(head, cells);
}
