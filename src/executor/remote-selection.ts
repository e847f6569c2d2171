import {randomBytes} from 'node:crypto';
import {canonicalJson} from '../core/canonical-json.ts';
import {hexOf, parseDigest, sha256} from '../core/digest.ts';
import {rawOf, type RawPath} from '../core/raw-path.ts';
import type {TreeEntry} from '../core/tree-entry.ts';
import {selectItems} from '../context/select-items.ts';
import type {SelectFlags} from '../context/select-options.ts';
import {isSshRepository} from '../instructions/remote-source.ts';
import type {GitSource, UrlSource} from '../plan/plan.ts';
import {checkOut, resolveCommit} from '../sources/git-repository.ts';
import {fetchRemote, revalidateRemote} from '../sources/remote-file.ts';
import type {BuildContext} from './build-context.ts';
import type {SelectedPart} from './copy-selection.ts';

/** A file behind a URL: known by its checksum, or by what the server has now. */
export async function selectUrl(context: BuildContext, source: UrlSource, unpack: boolean): Promise<SelectedPart> {
	const {store, signal, request} = context;
	const checksum = source.checksum === undefined ? undefined : parseDigest(source.checksum);
	const known = checksum === undefined ? await revalidateRemote(source, {store, signal}) : undefined;
	const expected = checksum ?? known?.digest ?? '';
	const digest = parseDigest(expected);
	if (digest !== undefined) context.facts.noteFile(source.url, digest);
	const mtime = request.epoch.kind === 'keep' ? known?.mtime : undefined;
	return {
		digest: sha256(canonicalJson({kind: 'url', content: expected, mtime})),
		async items() {
			const file = await fetchRemote(source, expected, {store, signal});
			(await context.live()).pin([file.digest]);
			const entry: TreeEntry = {
				source: rawOf(hexOf(file.digest)),
				path: '' as RawPath,
				type: 'file',
				mode: 0o600,
				uid: 0,
				gid: 0,
				size: file.size,
				mtime: known?.mtime ?? file.mtime,
			};
			const item = {name: rawOf(source.name), isDirectory: false, entries: [entry]};
			return [{root: `${store.directory}/blobs/sha256`, item, unpack}];
		},
	};
}

/** The tree of a commit. It is fetched only when the copy has to be made. */
export async function selectGit(context: BuildContext, source: GitSource, flags: SelectFlags): Promise<SelectedPart> {
	const {signal} = context;
	// Git knows no other agent than this, as in BuildKit.
	const agent = isSshRepository(source.repository) ? await context.agents.socket('default') : undefined;
	const commit = await resolveCommit(source, {signal, agent});
	context.facts.noteCommit(source.repository, source.ref, commit);
	return {
		digest: sha256(canonicalJson({kind: 'git', repository: source.repository, commit})),
		async items() {
			const directory = `${(await context.live()).directory}/git-${randomBytes(6).toString('hex')}`;
			const root = await checkOut(source, commit, {directory, signal, agent});
			const {exclude} = flags;
			const items = selectItems(root, [''], {place: 'the repository', ...(exclude === undefined ? {} : {exclude})});
			return items.map((item) => ({root, item, unpack: false}));
		},
	};
}
