import {closeSync} from 'node:fs';
import type {RawPath} from '../core/raw-path.ts';
import type {TarEntry} from '../tar/entry.ts';
import {copyContent, writeContent} from './copy-content.ts';
import type {FileContent, PlannedLayer} from './copy-layer.ts';
import type {IdMap} from './id-map.ts';
import {LayerDirectory} from './layer-directory.ts';
import {setFileAttributes} from './set-attributes.ts';

/** Makes a file with its content and attributes in a layer directory. Throws BuildError when the content is another one than was selected. */
export function writeFile(files: LayerDirectory, entry: TarEntry, content: FileContent): void {
	const fd = files.createFile(entry.path);
	try {
		if (Buffer.isBuffer(content)) writeContent(fd, content);
		else copyContent(content.root.at(content.source.source), fd, content.source);
		setFileAttributes(fd, files.at(entry.path), entry, files.mapped, 0o600);
	} finally {
		closeSync(fd);
	}
}

/** Makes the directory of a layer that deletes nothing; it exists and is empty. Throws as `writeFile` does. */
export function writePlannedDirectory(directory: string, {index, contents}: Pick<PlannedLayer, 'index' | 'contents'>, mapped: IdMap): void {
	const files = new LayerDirectory(directory, mapped);
	try {
		for (const [at, entry] of index.entries()) {
			const content = contents[at];
			if (entry.type === 'directory') files.makeDirectory(entry.path);
			else if (entry.type === 'hardlink') files.makeLink(entry.path, (entry.link ?? '') as RawPath);
			else if (content === undefined) files.makeOther(entry);
			else writeFile(files, entry, content);
		}
		files.finish(index);
	} finally {
		files.close();
	}
}
