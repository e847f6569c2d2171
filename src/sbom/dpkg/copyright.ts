import {type RawPath, rawOf} from '../../core/raw-path.ts';
import type {TarEntry} from '../../tar/entry.ts';
import {parseDeb822} from '../deb822.ts';
import type {ListedPackage} from '../listed-package.ts';
import {packageRoot} from '../package-root.ts';
import {type FileVersion, type Report, readWhole, type VisibleFiles} from '../file-version.ts';

const sizeLimit = 2 * 1024 * 1024;
const mostLicences = 200;
const mostParagraphs = 10_000;

/** Copyright files, and the symlinks by which packages of one source share a directory (Debian Policy, 12.5). */
export function isCopyright({path, type}: TarEntry): boolean {
	if (!path.includes('usr/share/doc/')) return false;
	return (
		/(?:^|\/)usr\/share\/doc\/[^\/]+\/copyright$/v.test(path) || (type === 'symlink' && /(?:^|\/)usr\/share\/doc\/[^\/]+$/v.test(path))
	);
}

/** The copyright file of a package; symlinks lead to that of another package at most twice. */
export function findCopyright({name, path}: Pick<ListedPackage, 'name' | 'path'>, files: VisibleFiles): FileVersion | undefined {
	const documents = `${packageRoot(path)}usr/share/doc`;
	let directory = rawOf(name) as string;
	for (let steps = 0; steps < 3; steps++) {
		const file = files.get(`${documents}/${directory}/copyright` as RawPath);
		if (file !== undefined && file.link === undefined) return file;
		const link = file?.link ?? files.get(`${documents}/${directory}` as RawPath)?.link ?? '';
		const [, other] = /^(?:\.\.\/|\.\/|\/usr\/share\/doc\/)?([^\/]+)(?:\/copyright)?\/?$/v.exec(link) ?? [];
		if (other === undefined) return undefined;
		directory = other;
	}
	return undefined;
}

/** The short names of a machine-readable file, or else the common licences that the text points to; each once, in byte order. */
export function licencesOf(file: FileVersion, report: Report): readonly string[] {
	const bytes = readWhole(file, sizeLimit, report);
	return bytes === undefined ? [] : parseCopyright(new TextDecoder().decode(bytes));
}

/** See Debian's copyright-format 1.0: `License` of the header and of `Files` paragraphs; its first line is the short name. */
export function parseCopyright(text: string): readonly string[] {
	const found = new Set<string>();
	if (/^Format(?:-Specification)?:/mv.test(text)) {
		for (const [index, paragraph] of parseDeb822(text, mostParagraphs).paragraphs.entries()) {
			if (index > 0 && !paragraph.has('files')) continue;
			const name = paragraph.get('license')?.split('\n')[0]?.trim() ?? '';
			if (name !== '' && name.length <= 300) found.add(name);
		}
	}
	if (found.size === 0) {
		for (const [, name = ''] of text.matchAll(/\/usr\/share\/common-licenses\/([A-Za-z0-9][A-Za-z0-9.+\-]*)/gv))
			found.add(name.replace(/[.\-]+$/v, ''));
	}
	return [...found].sort().slice(0, mostLicences);
}
