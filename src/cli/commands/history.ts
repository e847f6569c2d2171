import {plainLine} from '../../diagnostics/plain-text.ts';
import type {ImageConfig} from '../../oci/image-config.ts';
import {openStore, type Store} from '../../store/open-store.ts';
import type {CommandModule} from '../command.ts';
import {formatBytes} from '../../core/format-bytes.ts';
import {formatTable} from '../format-table.ts';
import {findImage} from '../stored-image.ts';
import {storeDirectory} from '../store-directory.ts';

interface Row {
	readonly created: string;
	readonly createdBy: string;
	/** Bytes of the layer's tar; null for a step without a layer. */
	readonly size: number | null;
	readonly diffId: string | null;
}

/** `boxbuild history`: the steps of an image, the last first. */
export const historyCommand: CommandModule = {
	define(command, {terminal, env}) {
		command
			.argument('<image>', 'name or digest')
			.option('--json', 'print JSON')
			.option('--store <directory>', 'where images, layers and caches are')
			.action((name: string, flags: {readonly json?: boolean; readonly store?: string}) => {
				const store = openStore(storeDirectory(flags.store, env));
				const rows = rowsOf(findImage(store, name).config, store).toReversed();
				if (flags.json === true) terminal.out(`${JSON.stringify(rows, undefined, 2)}\n`);
				else {
					const cells = rows.map(({created, createdBy, size}) => [created, size === null ? '' : formatBytes(size), plainLine(createdBy)]);
					terminal.out(formatTable(['CREATED', 'SIZE', 'STEP'], cells));
				}
			});
	},
};

function rowsOf(config: ImageConfig, store: Store): Row[] {
	const diffIds = [...config.rootfs.diff_ids];
	return (config.history ?? []).map(({created = '', created_by: createdBy = '', empty_layer: isEmpty = false}) => {
		const diffId = isEmpty ? undefined : diffIds.shift();
		return {created, createdBy, diffId: diffId ?? null, size: diffId === undefined ? null : (store.layers.get(diffId)?.size ?? 0)};
	});
}
