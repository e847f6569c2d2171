import {resolve} from 'node:path';
import {Option} from 'commander';
import {renderText} from '../../diagnostics/render-text.ts';
import {textOf} from '../../core/raw-path.ts';
import {BuildError} from '../../diagnostics/build-error.ts';
import {exportFailed} from '../../diagnostics/export.ts';
import {canBeHad} from '../../executor/image-files.ts';
import {imagePackages} from '../../executor/image-packages.ts';
import type {KnownLayer} from '../../executor/worker/protocol.ts';
import {errnoOf} from '../../host/errno.ts';
import {writeOutput} from '../../host/write-output.ts';
import type {FoundPackage} from '../../sbom/listed-package.ts';
import {printSbom, type SbomFormat} from '../../sbom/print-sbom.ts';
import {openStore, type Store} from '../../store/open-store.ts';
import type {CommandContext, CommandModule} from '../command.ts';
import {registryAccess} from '../registry-access.ts';
import {addImageOptions, type ImageFlags, imagePlatform} from '../image-options.ts';
import {storeDirectory} from '../store-directory.ts';
import {findImage, type StoredImage} from '../stored-image.ts';

interface Flags extends ImageFlags {
	readonly format: SbomFormat;
	readonly output: string;
	readonly json?: boolean;
}

/** `boxbuild sbom`: the packages of an image, by the layer that brought them. */
export const sbomCommand: CommandModule = {
	define(command, context) {
		const {terminal, env} = context;
		addImageOptions(command)
			.argument('<image>', 'name or digest')
			.addOption(new Option('--format <format>', 'form of the document').choices(['spdx', 'cyclonedx']).default('spdx'))
			.option('-o, --output <file>', 'write it to a file', '-')
			.option('--json', 'print one JSON object a package and line instead, in no standard form')
			.action(async (name: string, flags: Flags) => {
				const store = openStore(storeDirectory(flags.store, env));
				const image = findImage(store, name, imagePlatform(flags.platform));
				const {inventory, warnings} = await packagesOf(store, image, context);
				if (warnings.length > 0) terminal.err(renderText(warnings));
				const {descriptor, names, config} = image;
				const subject = {name: names[0] ?? descriptor.digest, digest: descriptor.digest, created: secondsOf(config.created)};
				const text =
					flags.json === true ? inventory.packages.map(printPackage).join('') : await printSbom(flags.format, subject, inventory);
				await write(flags.output, text);
			});
	},
};

async function packagesOf(store: Store, {config, manifest}: StoredImage, context: CommandContext): ReturnType<typeof imagePackages> {
	const layers = config.rootfs.diff_ids.map((diffId, index): KnownLayer => {
		const blob = manifest.layers[index];
		return {diffId, ...(blob !== undefined && canBeHad(store, blob) ? {blob} : {})};
	});
	const {withWorker} = await import('../../executor/with-worker.ts');
	return imagePackages(store, layers, async () => ({
		call: (method, request) =>
			withWorker({store: store.directory, ids: 'auto', driver: 'auto', registries: registryAccess(context)}, (worker) =>
				worker.call(method, request),
			),
	}));
}

/** An image that says nothing of its time is of 1970. */
function secondsOf(created: string | undefined): number {
	const time = Date.parse(created ?? '');
	return Number.isNaN(time) ? 0 : Math.floor(time / 1000);
}

function printPackage(found: FoundPackage): string {
	return `${JSON.stringify({...found, path: `/${textOf(found.path)}`})}\n`;
}

async function write(output: string, text: string): Promise<void> {
	const bytes = async function* (): AsyncGenerator<Uint8Array> {
		yield Buffer.from(text);
	};
	try {
		await writeOutput(output === '-' ? output : resolve(output), bytes());
	} catch (error) {
		if (errnoOf(error) === '') throw error;
		throw new BuildError(exportFailed(output, errnoOf(error)), {cause: error});
	}
}
