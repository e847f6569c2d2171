import {writeFileSync} from 'node:fs';
import {digestOf} from './hostile-image.ts';
import {type Described, families, ImageLayout} from './image-layout.ts';
import {makeTar, member} from './make-tar.ts';

const {oci} = families;

/** The platform of this machine, as images name it. */
export const native = {os: 'linux', architecture: process.arch === 'arm64' ? 'arm64' : 'amd64'};

/** Puts bytes where a digest says that others are. */
export function replace(layout: ImageLayout, {digest}: Described, content: Buffer | string): void {
	writeFileSync(`${layout.directory}/blobs/${digest.replace(':', '/')}`, content);
}

let images = 0;

export interface Parts {
	/** Of the layer. No two images have the same: what a store knows it does not read again. */
	readonly tar: Buffer;
	readonly config: Described;
	readonly layer: Described;
}

/** A layout of one image of one layer whose documents are made from their right parts. */
export function arrange(
	directory: string,
	build: (layout: ImageLayout, parts: Parts) => {readonly manifest?: object; readonly index?: readonly object[]; readonly config?: object},
	layerOf: (layout: ImageLayout, tar: Buffer) => Described = (layout, tar) => layout.put(oci.layer, tar),
): ImageLayout {
	const layout = new ImageLayout(directory);
	const tar = makeTar([member('file', 'f', `content ${images++}`)]);
	const document = {...native, config: {}, rootfs: {type: 'layers', diff_ids: [digestOf(tar)]}};
	const layer = layerOf(layout, tar);
	const parts = {tar, layer, config: layout.put(oci.config, document)};
	const made = build(layout, parts);
	const config = made.config === undefined ? parts.config : layout.put(oci.config, {...document, ...made.config});
	const manifest = layout.put(oci.manifest, {schemaVersion: 2, mediaType: oci.manifest, config, layers: [layer], ...made.manifest});
	layout.finish(...((made.index as Described[] | undefined) ?? [manifest]));
	return layout;
}
