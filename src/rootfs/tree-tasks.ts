import type {RawPath} from '../core/raw-path.ts';
import {alignTree} from './align-tree.ts';
import {makeTree} from './make-tree.ts';
import {removeTree} from './remove-tree.ts';
import {treeChanges} from './tree-changes.ts';
import {listTree, type TreeListing} from './tree-listing.ts';

/** Work with whole trees; a listing stays where it was made. */
export interface TreeTasks {
	makeTree(task: {readonly layers: readonly string[]; readonly directory: string; readonly how: 'link' | 'copy'}): null;
	/** To be called when nothing changes the tree any more that is no change. */
	listTree(task: {readonly directory: string}): null;
	/** Copies what has changed since the listing to an empty directory, and forgets the listing; `untouched` as in treeChanges. */
	treeChanges(task: {readonly directory: string; readonly upper: string; readonly untouched: readonly RawPath[]}): boolean;
	alignTree(task: {readonly directory: string; readonly layer: string | null}): null;
	/** Gives the listing of a tree up. */
	forgetTree(task: {readonly directory: string}): null;
	remove(task: {readonly path: string}): null;
}

/** Somebody who does such work in the order in which it is given. */
export interface TreeWorker {
	run<T extends keyof TreeTasks>(name: T, task: Parameters<TreeTasks[T]>[0]): Promise<ReturnType<TreeTasks[T]>>;
}

export function treeTasks(): TreeTasks {
	const listings = new Map<string, TreeListing>();
	return {
		makeTree({layers, directory, how}) {
			makeTree(layers, directory, how);
			return null;
		},
		listTree({directory}) {
			listings.set(directory, listTree(directory, `${directory}.clock`));
			return null;
		},
		treeChanges({directory, upper, untouched}) {
			const listing = listings.get(directory);
			if (listing === undefined) throw new Error('the tree was not listed here');
			listings.delete(directory);
			return treeChanges(directory, upper, {listing, untouched});
		},
		alignTree({directory, layer}) {
			alignTree(directory, layer);
			return null;
		},
		forgetTree({directory}) {
			listings.delete(directory);
			return null;
		},
		remove({path}) {
			removeTree(path);
			return null;
		},
	};
}
