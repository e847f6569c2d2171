import {detectCompression, peek} from '../host/decompress.ts';
import {decodeText, textLimit} from '../host/text-file.ts';

/** What bytes from elsewhere are: an archive to unpack, a text, or neither. */
export type ArchiveOrText =
	| {readonly kind: 'archive'; readonly input: AsyncIterable<Uint8Array>}
	| {readonly kind: 'text'; readonly text: string}
	| {readonly kind: 'empty' | 'neither'};

/** Tells by the content: an archive is compressed or has NUL characters in its first block, as every tar header has. */
export async function archiveOrText(input: AsyncIterable<Uint8Array>): Promise<ArchiveOrText> {
	const {head, rest} = await peek(input, 512);
	if (head.length === 0) return {kind: 'empty'};
	if (detectCompression(head) !== 'none' || head.subarray(0, 512).includes(0)) return {kind: 'archive', input: rest};
	const chunks: Uint8Array[] = [];
	let size = 0;
	for await (const chunk of rest) {
		size += chunk.length;
		if (size > textLimit) return {kind: 'neither'};
		chunks.push(Buffer.from(chunk));
	}
	const text = decodeText(Buffer.concat(chunks));
	return text === undefined ? {kind: 'neither'} : {kind: 'text', text};
}
