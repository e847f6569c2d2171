import type {Json} from '../core/canonical-json.ts';
import {chainOf} from '../core/digest.ts';
import {textOf} from '../core/raw-path.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import {sbomDatabaseUnreadable, sbomIncomplete} from '../diagnostics/sbom.ts';
import type {Inventory, InventoryProblem} from '../sbom/listed-package.ts';
import type {Store} from '../store/open-store.ts';
import {thisProgram} from './this-program.ts';
import type {KnownLayer} from './worker/protocol.ts';
import type {WorkerClient} from './worker-client.ts';

export interface ImagePackages {
	readonly inventory: Inventory;
	/** What the document notes as well. */
	readonly warnings: readonly Diagnostic[];
}

/**
 * The packages of an image, remembered by its layers: an image that was looked into needs no worker. Throws BuildError
 * sbom/unreadable-database where a database may have listed more than could be read.
 */
export async function imagePackages(
	store: Store,
	layers: readonly KnownLayer[],
	worker: () => Promise<Pick<WorkerClient, 'call'>>,
): Promise<ImagePackages> {
	const key: Json = {kind: 'packages', program: thisProgram, chain: chainOf(layers.map(({diffId}) => diffId))};
	const known = store.memo.get(key) as Inventory | undefined;
	const inventory = known ?? (await (await worker()).call('packages', {layers}));
	const of = (kind: InventoryProblem['kind']): readonly InventoryProblem[] => inventory.problems.filter((problem) => problem.kind === kind);
	const fatal = of('fatal');
	if (fatal.length > 0) throw new BuildError(fatal.map((problem) => sbomDatabaseUnreadable(placeOf(problem))));
	if (known === undefined) store.memo.set(key, inventory as unknown as Json);
	return {inventory, warnings: of('partial').map((problem) => sbomIncomplete(placeOf(problem)))};
}

function placeOf({path, layer, diffId, text}: InventoryProblem): Parameters<typeof sbomIncomplete>[0] {
	return {path: textOf(path), layer, diffId, problem: text};
}
