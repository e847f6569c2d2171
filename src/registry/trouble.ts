/**
 * What went wrong below HTTP: `unreachable` may pass, `tls` is a certificate that does not hold, `plain` is an other end that does not speak TLS,
 * `malformed` is an answer that is no HTTP or breaks its limits.
 */
export type TroubleKind = 'unreachable' | 'tls' | 'plain' | 'malformed';

/** The message is a fact for people. */
export class Trouble extends Error {
	readonly kind: TroubleKind;

	constructor(kind: TroubleKind, message: string, options?: {readonly cause?: unknown}) {
		super(message, options);
		this.kind = kind;
	}
}

/** OpenSSL's verification errors, by Node's names of them (tls, "X509 certificate error codes"). */
const certificate =
	/^(?:ERR_TLS_CERT_ALTNAME_INVALID|CERT_|UNABLE_TO_|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED|CRL_|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH|PATH_LENGTH)/v;
/** What OpenSSL says when the other end answers its greeting with text. */
const notTls = /^(?:ERR_SSL_WRONG_VERSION_NUMBER|ERR_SSL_PACKET_LENGTH_TOO_LONG|ERR_SSL_HTTP_REQUEST|ERR_SSL_HTTPS_PROXY_REQUEST)$/v;

const noTls = 'it answers the greeting of TLS with something else';

/** An error of Node's network modules as trouble. */
export function troubleOf(error: unknown): Trouble {
	if (error instanceof Trouble) return error;
	const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
	const cause = {cause: error};
	// So Node calls every error of OpenSSL that it met while it was writing; only the text tells which.
	if (code === 'EPROTO' && error instanceof Error) {
		const isText = /wrong version number|packet length too long|http request/v.test(error.message);
		return new Trouble(isText ? 'plain' : 'tls', isText ? noTls : 'the handshake of TLS ended with an alert', cause);
	}
	if (certificate.test(code)) return new Trouble('tls', `its certificate is not accepted: ${code}`, cause);
	if (notTls.test(code)) return new Trouble('plain', noTls, cause);
	if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_'))
		return new Trouble('tls', `the handshake of TLS ended with ${code}`, cause);
	if (code === 'HPE_HEADER_OVERFLOW') return new Trouble('malformed', 'the headers of its answer are larger than 16 KiB', cause);
	if (code.startsWith('HPE_')) return new Trouble('malformed', `its answer is not HTTP: ${code}`, cause);
	if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return new Trouble('unreachable', `its name is not found (${code})`, cause);
	return new Trouble('unreachable', code === '' ? 'the connection broke' : `the connection ended with ${code}`, cause);
}
