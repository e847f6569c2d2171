import type {RawPath} from '../core/raw-path.ts';
import type {TarEntry} from '../tar/entry.ts';
import type {FileVersion, Report, VisibleFiles} from './file-version.ts';
import type {ListedPackage} from './listed-package.ts';

/** An ecosystem whose packages stand together in databases: which layer brought a package follows from what each layer's database lists. */
export interface DatabaseCataloger {
	readonly kind: 'database';
	readonly name: string;
	/** Databases, also those of root file systems inside the image, and their companions. */
	matches(entry: TarEntry): boolean;
	/** A file beside a database that is read with it. */
	companion?(path: RawPath): RawPath | undefined;
	/** Files that tell more about packages than the database. */
	describes?(entry: TarEntry): boolean;
	/** Every package of a database; reports what it cannot read. */
	list(file: FileVersion, companion: FileVersion | undefined, report: Report): readonly ListedPackage[];
	/** A package with what the files of `describes` tell of it; asked for packages of the image only. */
	describe?(listed: ListedPackage, files: VisibleFiles, report: Report): ListedPackage;
}

/** An ecosystem in which each package (or program) has a file of its own. */
export interface FileCataloger {
	readonly kind: 'file';
	readonly name: string;
	matches(entry: TarEntry): boolean;
	/** The packages that the file tells of; reports what it cannot read. */
	read(file: FileVersion, report: Report): readonly ListedPackage[];
}

export type Cataloger = DatabaseCataloger | FileCataloger;
