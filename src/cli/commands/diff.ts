import {differingFiles} from '../../executor/image-contents.ts';
import {imageFiles} from '../../executor/image-files.ts';
import {openStore} from '../../store/open-store.ts';
import type {CommandModule} from '../command.ts';
import {type Change, compareImages, type Difference, undecided} from '../compare-entries.ts';
import {addImageOptions, type ImageFlags, imagePlatform} from '../image-options.ts';
import {entryDocument, pathDocument, pathText} from '../print-entry.ts';
import {registryAccess} from '../registry-access.ts';
import {findImage, layersOf} from '../stored-image.ts';
import {storeDirectory} from '../store-directory.ts';

interface DiffFlags extends ImageFlags {
	readonly times?: boolean;
	readonly json?: boolean;
}

/** `boxbuild diff`: what of the merged file systems of two images differs. */
export const diffCommand: CommandModule = {
	define(command, context) {
		const {terminal, env, signal} = context;
		addImageOptions(
			command
				.argument('<image>', 'name or digest')
				.argument('<other>', 'name or digest of the image that it is compared with')
				.option('--times', 'also compare times of modification')
				.option('--json', 'one JSON object a line'),
		).action(async (name: string, otherName: string, flags: DiffFlags) => {
			const store = openStore(storeDirectory(flags.store, env));
			const platform = imagePlatform(flags.platform);
			const layers = layersOf(findImage(store, name, platform));
			const otherLayers = layersOf(findImage(store, otherName, platform));
			const registries = registryAccess(context);
			const one = await imageFiles(store, layers, registries);
			const other = await imageFiles(store, otherLayers, registries);
			const differing = await differingFiles(store, [layers, otherLayers], undecided(one, other), signal);
			const changes = compareImages(one, other, {differing, times: flags.times === true});
			terminal.out(changes.map((change) => (flags.json === true ? `${JSON.stringify(documentOf(change))}\n` : rowOf(change))).join(''));
		});
	},
};

const letters: Readonly<Record<Change['kind'], string>> = {added: 'A', removed: 'D', changed: 'C'};

/** `C etc/x  content, mode 0644 -> 0600`; letters are those of `docker diff`. */
function rowOf(change: Change): string {
	const what = change.kind === 'changed' ? `  ${change.differences.map(words).join(', ')}` : '';
	return `${letters[change.kind]} ${pathText(change.path)}${what}\n`;
}

function words({what, before, after}: Difference): string {
	if (before === undefined || after === undefined || what === 'xattrs') return what;
	return `${what} ${before === null ? 'none' : String(before)} -> ${after === null ? 'none' : String(after)}`;
}

function documentOf(change: Change): object {
	const {kind, path} = change;
	return kind === 'changed'
		? {change: kind, ...pathDocument('path', path), differences: change.differences}
		: {change: kind, ...pathDocument('path', path), entry: entryDocument(change.entry)};
}
