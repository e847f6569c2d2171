import type {ExportImage, ExportSet} from './exporter.ts';

/** Where the tree of each image goes: a directory named after its platform (`linux_arm_v7`) when there are several, else the output itself (``). */
export function placesOf({images, isIndex}: ExportSet): readonly {readonly image: ExportImage; readonly name: string}[] {
	return images.map((image) => {
		const {os, architecture, variant} = image.config;
		return {image, name: isIndex ? [os, architecture, ...(variant === undefined ? [] : [variant])].join('_') : ''};
	});
}
