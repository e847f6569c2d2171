import {formatBytes} from '../../core/format-bytes.ts';
import {cliOddHistory} from '../../diagnostics/image.ts';
import {plainLine} from '../../diagnostics/plain-text.ts';
import {renderText} from '../../diagnostics/render-text.ts';
import {openStore, type Store} from '../../store/open-store.ts';
import type {CommandModule} from '../command.ts';
import {formatTable} from '../format-table.ts';
import {addImageOptions, type ImageFlags, imagePlatform} from '../image-options.ts';
import {findImage, layersOf, layerSize, type StoredImage} from '../stored-image.ts';
import {storeDirectory} from '../store-directory.ts';

interface HistoryFlags extends ImageFlags {
	readonly json?: boolean;
	/** False with --no-trunc. */
	readonly trunc: boolean;
}

interface Row {
	readonly created: string;
	readonly createdBy: string;
	readonly comment: string;
	/** Bytes of the layer's tar; null for a step without a layer. */
	readonly size: number | null;
	readonly diffId: string | null;
}

/** Characters of a step in a table. */
const longest = 140;

/** `boxbuild history`: the steps of an image, the last first. */
export const historyCommand: CommandModule = {
	define(command, {terminal, env}) {
		addImageOptions(
			command.argument('<image>', 'name or digest').option('--no-trunc', 'print steps whole').option('--json', 'print JSON'),
		).action((name: string, flags: HistoryFlags) => {
			const store = openStore(storeDirectory(flags.store, env));
			const image = findImage(store, name, imagePlatform(flags.platform));
			const claimed = (image.config.history ?? []).filter((entry) => entry.empty_layer !== true).length;
			const layers = layersOf(image).length;
			// An image without any history claims nothing.
			if (image.config.history !== undefined && claimed !== layers) terminal.err(renderText([cliOddHistory(name, claimed, layers)]));
			const rows = rowsOf(image, store).toReversed();
			terminal.out(flags.json === true ? `${JSON.stringify(rows, undefined, 2)}\n` : tableOf(rows, flags.trunc));
		});
	},
};

/** One for each entry of the history, then one for each layer that it does not speak of. */
function rowsOf(image: StoredImage, store: Store): Row[] {
	const layers = [...layersOf(image)];
	const next = (): Pick<Row, 'size' | 'diffId'> => {
		const layer = layers.shift();
		return layer === undefined ? {size: null, diffId: null} : {size: layerSize(store, layer), diffId: layer.diffId};
	};
	const rows = (image.config.history ?? []).map(
		({created = '', created_by: createdBy = '', comment = '', empty_layer: isEmpty = false}): Row => ({
			created,
			createdBy,
			comment,
			...(isEmpty ? {size: null, diffId: null} : next()),
		}),
	);
	while (layers.length > 0) rows.push({created: '', createdBy: '', comment: '', ...next()});
	return rows;
}

function tableOf(rows: readonly Row[], truncate: boolean): string {
	const cells = rows.map(({created, createdBy, comment, size}) => {
		const step = plainLine(createdBy === '' ? comment : createdBy);
		const shown = truncate && step.length > longest ? `${step.slice(0, longest - 3)}...` : step;
		return [plainLine(created), size === null ? '' : formatBytes(size), shown];
	});
	return formatTable(['CREATED', 'SIZE', 'STEP'], cells);
}
