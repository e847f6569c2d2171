import test from 'ava';
import {array, assert, constant, constantFrom, dictionary, nat, oneof, property, record, sample, string} from 'fast-check';
import {sha256} from '../../src/core/digest.ts';
import {refNameAnnotation} from '../../src/oci/descriptor.ts';
import {parseIndex} from '../../src/oci/index-document.ts';
import {findPiece, imagesIn, indexText, type NamedImage, piecesOf, textWith} from '../../src/store/index-text.ts';

/** Names and annotations that hold what the text is divided at. */
const text = oneof(string(), constantFrom('},{"annotations":{', '{"annotations":{', '"', '\\', '\\"},{\\"annotations\\":{', 'a', 'b'));
const image = record({
	name: text,
	manifest: record({
		mediaType: constant('application/vnd.oci.image.manifest.v1+json'),
		digest: nat(5).map((number) => sha256(String(number))),
		size: nat(),
		annotations: dictionary(
			text.filter((key) => key !== '__proto__'),
			text,
		),
		platform: constant({os: 'linux', architecture: 'amd64'}),
	}),
});
const images = array(image, {maxLength: 12});

/** As somebody sees them who knows nothing of pieces. */
function parsed(index: string): NamedImage[] {
	const manifests = parseIndex(Buffer.from(index)).value?.manifests ?? [];
	return manifests.map((manifest) => ({name: manifest.annotations?.[refNameAnnotation] ?? '', manifest}));
}

test('a name is found in the pieces of a text as in the parsed one', (t) => {
	assert(
		property(images, text, (all, other) => {
			const index = indexText(all);
			const pieces = piecesOf(index) ?? [];
			t.is(pieces.length, all.length);
			t.deepEqual(imagesIn(pieces), parsed(index));
			for (const name of [other, ...all.map((one) => one.name)])
				t.deepEqual(findPiece(pieces, name), parsed(index).find((one) => one.name === name)?.manifest);
		}),
	);
	t.pass();
});

test('a text with another name is the text of the images with that name', (t) => {
	assert(
		property(images, image, (all, {name, manifest}) => {
			const pieces = piecesOf(indexText(all)) ?? [];
			const others = all.filter((one) => one.name !== name);
			t.is(textWith(pieces, name, manifest), indexText([...others, {name, manifest}]));
			t.is(textWith(pieces, name, undefined), indexText(others));
		}),
	);
	t.pass();
});

test('a text that looks otherwise at its ends is not divided', (t) => {
	const [only] = sample(image, 1);
	const index = indexText(only === undefined ? [] : [only]);
	for (const other of ['', '{}', ` ${index}`, `${index}\n`, index.slice(0, -1), index.replace('"manifests"', '"Manifests"')])
		t.is(piecesOf(other), undefined);
});
