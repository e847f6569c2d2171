import type {Diagnostic, Label} from '../../../src/diagnostics/diagnostic.ts';
import * as mount from '../../../src/diagnostics/mount.ts';

const text = 'FROM scratch\nRUN --mount=type=cache,target=/x,sharring=locked make\n';
const label: Label = {source: {name: 'Boxfile', text}, span: {start: 46, end: 54}};
const whole: Label = {source: {name: 'Boxfile', text}, span: {start: 17, end: 61}};

export const samples: readonly Diagnostic[] = [
	mount.agentNotStarted('`ssh-agent` is not installed'),
	mount.agentKeysRefused('deploy', 'id_ed25519', 'Error loading key "(stdin)": incorrect passphrase supplied to decrypt private key'),
	mount.unknownMountOption(label, {key: 'sharring', type: 'cache', known: ['type', 'id', 'sharing'], suggestion: 'sharing'}),
	mount.badMount(whole, {message: 'a mount of type `cache` needs a target', help: 'add `target=PATH`'}),
	{...mount.stepSecretMissing('token', '/run/secrets/token'), primary: whole},
	{...mount.stepSecretUnreadable('token', '/run/secrets/token', 'reading its file ends with EACCES'), primary: whole},
	{...mount.stepAgentMissing('default', '/run/buildkit/ssh_agent.0'), primary: whole},
	{...mount.stepMountSource('/x', 'src', 'ENOENT'), primary: whole},
	{...mount.stepMountTarget('/x', 'the mount is a directory, and the image has a file there'), primary: whole},
	{...mount.stepMountOwner('/x', '1000:1000'), primary: whole},
];
