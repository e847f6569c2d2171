import {readFileSync} from 'node:fs';
import {sha256} from '../core/digest.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {storeIndexDamaged} from '../diagnostics/store.ts';
import {writeFileAtomic} from '../host/atomic-file.ts';
import {unlessMissing} from '../host/errno.ts';
import {type Descriptor, refNameAnnotation} from '../oci/descriptor.ts';
import {parseIndex} from '../oci/index-document.ts';
import {findPiece, imagesIn, type IndexPieces, indexText, type NamedImage, piecesOf, textWith} from './index-text.ts';
import {readNote, writeNote} from './notes.ts';
import {inStore} from './store-error.ts';

/** Names of images: the annotations of index.json. Names are whole references as `parseReference` writes them. */
export interface ImageNames {
	resolve(name: string): Descriptor | undefined;
	/** Sorted by name. */
	list(): NamedImage[];
	/** Gives the name to a manifest, taking it from another; does nothing (and locks nothing) when it has it already. */
	tag(name: string, manifest: Descriptor): Promise<void>;
	/** False when there was no such name. */
	untag(name: string): Promise<boolean>;
}

export function makeImageNames(store: string): ImageNames {
	const look = lookAt(store);
	const resolve = (name: string): Descriptor | undefined => findPiece(look(), name);
	const change = async (name: string, manifest?: Descriptor): Promise<void> => {
		const {lockFile} = await import('../host/lock.ts');
		const lock = inStore(store, () => lockFile(`${store}/index.lock`, {wait: true}));
		try {
			const text = textWith(look(), name, manifest);
			inStore(store, () => writeFileAtomic(`${store}/index.json`, text, {sync: true}));
			notePrinted(store, text);
		} finally {
			lock?.release();
		}
	};
	return {
		resolve,
		list: () => imagesIn(look()),
		async tag(name, manifest) {
			if (resolve(name)?.digest !== manifest.digest) await change(name, manifest);
		},
		async untag(name) {
			if (resolve(name) === undefined) return false;
			await change(name);
			return true;
		},
	};
}

/**
 * Gives the images of index.json as it is now. A file that is known to be a text of ours is only divided: parsing a thousand images takes longer
 * than all that else a build of hits does with its base. Anybody may write another one.
 */
function lookAt(store: string): () => IndexPieces {
	let last: {readonly bytes: Buffer; readonly pieces: IndexPieces} | undefined;
	return () => {
		const bytes = readIndex(store);
		if (bytes === undefined) return [];
		if (last?.bytes.equals(bytes) !== true) last = {bytes, pieces: piecesIn(store, bytes)};
		return last.pieces;
	};
}

function piecesIn(store: string, bytes: Buffer): IndexPieces {
	const known = readNote(store, ...printed) === sha256(bytes) ? piecesOf(bytes.toString()) : undefined;
	if (known !== undefined) return known;
	const text = indexText(namesIn(bytes));
	if (bytes.equals(Buffer.from(text))) notePrinted(store, text);
	return piecesOf(text) ?? [];
}

/** A store has more images than the index of one image may name: this is for a hundred thousand. */
const indexLimit = 64 * 1024 * 1024;

const printed = ['index', 'printed'] as const;

/** Notes that index.json, when it has this text, is as `indexText` prints it. */
function notePrinted(store: string, text: string): void {
	writeNote(store, ...printed, sha256(text));
}

function readIndex(store: string): Buffer | undefined {
	return unlessMissing(() => readFileSync(`${store}/index.json`));
}

function namesIn(bytes: Buffer): NamedImage[] {
	const outcome = parseIndex(bytes, undefined, indexLimit);
	if (outcome.value === undefined) {
		throw new BuildError(
			storeIndexDamaged(outcome.diagnostics.flatMap((diagnostic) => [diagnostic.message, ...(diagnostic.because ?? [])]).join('; ')),
		);
	}
	return outcome.value.manifests.flatMap((manifest) => {
		const name = manifest.annotations?.[refNameAnnotation];
		return name === undefined ? [] : [{name, manifest}];
	});
}
