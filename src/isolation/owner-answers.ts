import type {Owner} from '../core/owner-mark.ts';
import {SystemCallError} from '../host/libc.ts';
import {access, start} from './answer-access.ts';
import {create} from './answer-create.ts';
import {become, identify} from './answer-identity.ts';
import {change, tell} from './answer-owner.ts';
import {type Answer, type Caller, goOn} from './answer.ts';
import type {Architecture} from './architecture.ts';
import {answeredCall, type AnsweredCall} from './call-filter.ts';
import {readAccess, readChange, readCreate, readStart, readTell} from './file-arguments.ts';
import {Identities} from './identities.ts';
import {Notifications} from './notifications.ts';

/** How the calls of a step that have to do with ids are answered. */
export interface OwnerRules {
	/** Whom the kernel is told that a file belongs to when the namespace lacks an id of its owner. */
	readonly placeholder: Owner;
	/** Supplementary groups of root, where the kernel knows no other user; absent where it knows who is who. */
	readonly rootGroups?: readonly number[];
}

/** Answers the calls of one step that have to do with ids. */
export class OwnerAnswers {
	readonly #notifications: Notifications;
	readonly #rules: OwnerRules;
	readonly #architecture: Architecture;
	readonly #identities: Identities | undefined;

	constructor(listener: number, rules: OwnerRules, architecture: Architecture) {
		this.#notifications = new Notifications(listener);
		this.#rules = rules;
		this.#architecture = architecture;
		this.#identities = rules.rootGroups === undefined ? undefined : new Identities(rules.rootGroups);
	}

	/** Answers the next call; there must be one. */
	answer(): void {
		const notification = this.#notifications.receive();
		if (notification === undefined) return;
		const {id, thread, number, values} = notification;
		const call = answeredCall(number, this.#architecture);
		const caller: Caller = {thread, isWaiting: () => this.#notifications.isWaiting(id)};
		this.#notifications.send(id, call === undefined ? goOn : this.#decide(call, values, caller));
	}

	/** Whatever is wrong with a call, the kernel says it best; but it may not give a file to anybody. */
	#decide(call: AnsweredCall, values: readonly bigint[], caller: Caller): Answer {
		try {
			return this.#ask(call, values, caller);
		} catch (error) {
			if (call.kind !== 'change') return goOn;
			return {kind: 'error', errno: errnoOf(error)};
		}
	}

	#ask(call: AnsweredCall, values: readonly bigint[], caller: Caller): Answer {
		const identities = this.#identities;
		if (call.kind === 'change')
			return change(readChange(call.name, values), caller, this.#rules.placeholder, identities?.of(caller.thread));
		if (call.kind === 'tell') return tell(readTell(call.name, values), caller, this.#architecture);
		if (identities === undefined) return goOn;
		switch (call.kind) {
			case 'identify':
				return identify(call.name, values, caller, identities);
			case 'become':
				return become(call.name, values, caller, identities);
			case 'access':
				return access(readAccess(call.name, values), caller, identities);
			case 'start':
				return start(readStart(call.name, values), caller, identities);
			case 'create':
				return create(readCreate(call.name, values), caller, identities);
		}
	}
}

function errnoOf(error: unknown): number {
	if (error instanceof SystemCallError) return error.errno;
	return Math.abs((error as NodeJS.ErrnoException).errno ?? 5);
}
