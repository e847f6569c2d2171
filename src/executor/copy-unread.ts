import type {Digest} from '../core/digest.ts';
import type {SelectedEntry} from '../context/selection.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {hasCopiedLayer} from '../store/copied-layers.ts';
import type {BuildContext} from './build-context.ts';
import type {Sighting} from './context-tree.ts';
import {isRepeatable, noteKey, type RepeatableCopy} from './repeat-copy.ts';
import type {CopyRequest, ReplyOf} from './worker/protocol.ts';

/** Below that, reading twice costs less than a layer that turns out to be remembered. */
const leastFiles = 500;
const leastBytes = 16 << 20;
const digestLength = 'sha256:'.length + 64;

/**
 * Makes the layer of files that nobody has read, before its key is known: the worker tells their digests, and nothing is read twice. Only when this
 * copy was never made on this stack (or is made in any case, `isForced`) and most of the selection is unread: everything says that it is a miss. Undefined when it has to be made the
 * usual way, which is also how an error is found.
 */
export async function copyUnread(
	context: BuildContext,
	copy: RepeatableCopy,
	{sighting, request, isForced}: {readonly sighting: Sighting; readonly request: () => CopyRequest; readonly isForced: boolean},
): Promise<ReplyOf<'copy'> | undefined> {
	const chain = copy.below.known;
	if (chain === undefined || !isRepeatable(copy) || (copy.op.kind === 'copy' && copy.op.unpack)) return undefined;
	if (!isForced && hasCopiedLayer(context.store, noteKey(copy, chain))) return undefined;
	if (!isWorthwhile(sighting) || !sighting.isReadable()) return undefined;
	const since = Date.now();
	const worker = await context.worker();
	try {
		const made = await worker.call('copy', request());
		const {places, digests} = made;
		if (places === undefined || digests === undefined) return undefined;
		sighting.learn(digestsOf(sighting, places.starts, digests), since);
		return made;
	} catch (error) {
		context.signal.throwIfAborted();
		if (!(error instanceof BuildError)) throw error;
		return undefined;
	}
}

function isWorthwhile({items, unread}: Sighting): boolean {
	const files = items.reduce((sum, {entries}) => sum + entries.filter(({type}) => type === 'file').length, 0);
	return unread.files * 2 > files && (unread.files >= leastFiles || unread.bytes >= leastBytes);
}

/** Of the entries that have places. */
function* digestsOf(
	{items}: Pick<Sighting, 'items'>,
	starts: Float64Array,
	digests: string,
): Generator<readonly [entry: SelectedEntry, digest: Digest]> {
	let at = 0;
	let number = 0;
	for (const {entries} of items) {
		for (const entry of entries) {
			if ((starts[number++] ?? -1) < 0) continue;
			yield [entry, digests.slice(at, at + digestLength) as Digest];
			at += digestLength;
		}
	}
}
