import {BuildError} from '../../diagnostics/build-error.ts';
import {hasPlainAccounts} from '../../rootfs/account-changes.ts';
import {lookupUser, type User} from '../../rootfs/user-names.ts';
import type {LayerTable} from './layer-table.ts';
import type {Stack} from './protocol.ts';

/** Who the steps of a build run as. The account files are read again only when a layer may have changed them. */
export class StepUsers {
	readonly #layers: LayerTable;
	readonly #known = new Map<string, User>();

	constructor(layers: LayerTable) {
		this.#layers = layers;
	}

	/** What was found for the same account files. */
	known(user: string, stack: Stack): User | undefined {
		return this.#known.get(this.#key(user, stack));
	}

	/** Looks in the root of the stack. Throws BuildError for unknown names. */
	find(user: string, stack: Stack, root: string): User {
		const found = userIn(root, user, stack.host);
		if (!stack.host && hasPlainAccounts(root)) this.#known.set(this.#key(user, stack), found);
		return found;
	}

	#key(user: string, stack: Stack): string {
		return `${this.#layers.accountsOf(stack)} ${user}`;
	}
}

/** Without USER it is root with root's groups, where the image has an account file that says them. */
function userIn(root: string, user: string, isHost: boolean): User {
	if (user !== '') return lookupUser(root, user);
	const plain: User = {uid: 0, gid: 0, groups: [], home: '/root'};
	if (isHost) return plain;
	try {
		return {...plain, groups: lookupUser(root, '0').groups};
	} catch (error) {
		if (error instanceof BuildError) return plain;
		throw error;
	}
}
