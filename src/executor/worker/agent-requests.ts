/** SSH_AGENTC_REQUEST_IDENTITIES and SSH_AGENTC_SIGN_REQUEST (draft-ietf-sshm-ssh-agent): looking at keys and using them. */
const allowed = new Set([11, 13]);
/** No request has this number: every agent answers that it failed. */
const refused = Buffer.from([0, 0, 0, 1, 0]);
/** OpenSSH's AGENT_MAX_LEN. */
const longest = 256 * 1024;

/**
 * Passes on what a step may ask of somebody's agent. Requests that would add, delete or lock keys become ones that no agent knows, so that
 * the answers stay in order. Throws RangeError for what is no request.
 */
export function agentRequestFilter(): (chunk: Buffer) => Buffer {
	let rest = Buffer.alloc(0);
	return (chunk) => {
		rest = Buffer.concat([rest, chunk]);
		const passed: Buffer[] = [];
		while (rest.length >= 5) {
			const length = rest.readUInt32BE(0);
			if (length === 0 || length > longest) throw new RangeError(`a request of ${length} bytes`);
			if (rest.length < 4 + length) break;
			passed.push(allowed.has(rest[4] ?? 0) ? rest.subarray(0, 4 + length) : refused);
			rest = rest.subarray(4 + length);
		}
		return Buffer.concat(passed);
	};
}
