import {canonicalJson, type Json} from '../core/canonical-json.ts';
import {type Descriptor, refNameAnnotation} from '../oci/descriptor.ts';
import {mediaTypes} from '../oci/media-types.ts';
import {parseDescriptor} from '../oci/parse-descriptor.ts';

export interface NamedImage {
	readonly name: string;
	/** Of the manifest (or an index); annotations hold the name. */
	readonly manifest: Descriptor;
}

/**
 * The images of an `indexText`, sorted by name, as pieces of it: each is what follows `beginning` in its descriptor. A thousand images are divided
 * in a tenth of the time that parsing them takes.
 */
export type IndexPieces = readonly string[];

// No string of JSON holds a quotation mark that no backslash stands before, so none holds any of these.
const beginning = '{"annotations":{';
const head = `{"manifests":[${beginning}`;
const between = `},${beginning}`;
const tail = `}],"mediaType":"${mediaTypes.index}","schemaVersion":2}`;

/** The text of an index.json that names these images: sorted by name, those of one name in the order they have. */
export function indexText(images: readonly NamedImage[]): string {
	const manifests = images.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)).map(describe);
	return canonicalJson({schemaVersion: 2, mediaType: mediaTypes.index, manifests} as unknown as Json);
}

/** Divides what `indexText` has printed; undefined for what looks otherwise at its ends. The rest is not looked at. */
export function piecesOf(text: string): IndexPieces | undefined {
	if (text === indexText([])) return [];
	if (!text.startsWith(head) || !text.endsWith(tail)) return undefined;
	return text.slice(head.length, -tail.length).split(between);
}

/** The first image of a name. */
export function findPiece(pieces: IndexPieces, name: string): Descriptor | undefined {
	const piece = pieces[firstOf(pieces, name)];
	return piece === undefined ? undefined : imagesIn([piece]).find((image) => image.name === name)?.manifest;
}

/** All images, sorted by name. */
export function imagesIn(pieces: IndexPieces): NamedImage[] {
	return pieces.flatMap((piece) => {
		const manifest = parseDescriptor(jsonOf(piece));
		return typeof manifest === 'string' ? [] : [{name: manifest.annotations?.[refNameAnnotation] ?? '', manifest}];
	});
}

/** The `indexText` in which the name is that of this manifest only, or of none. */
export function textWith(pieces: IndexPieces, name: string, manifest: Descriptor | undefined): string {
	const first = firstOf(pieces, name);
	let end = first;
	while (end < pieces.length && nameOf(pieces[end] ?? '') === name) end++;
	const piece = manifest === undefined ? [] : [pieceOf({name, manifest})];
	const all = [...pieces.slice(0, first), ...piece, ...pieces.slice(end)];
	return all.length === 0 ? indexText([]) : `${head}${all.join(between)}${tail}`;
}

function describe({name, manifest}: NamedImage): Descriptor {
	return {...manifest, annotations: {...manifest.annotations, [refNameAnnotation]: name}};
}

function pieceOf(image: NamedImage): string {
	return canonicalJson(describe(image) as unknown as Json).slice(beginning.length, -1);
}

function jsonOf(piece: string): Json {
	return JSON.parse(`${beginning}${piece}}`) as Json;
}

function nameOf(piece: string): string {
	return (jsonOf(piece) as unknown as Descriptor).annotations?.[refNameAnnotation] ?? '';
}

/** Where the first image of a name is, or would be. */
function firstOf(pieces: IndexPieces, name: string): number {
	let [low, high] = [0, pieces.length];
	while (low < high) {
		const middle = (low + high) >> 1;
		if (nameOf(pieces[middle] ?? '') < name) low = middle + 1;
		else high = middle;
	}
	return low;
}
