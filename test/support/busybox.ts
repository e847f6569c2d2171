import {readFileSync} from 'node:fs';
import {hasProgram} from './requirements.ts';
import {met, missing, type Requirement} from './requirement.ts';
import type {Files} from './workplace.ts';

const places = ['/bin/busybox', '/usr/bin/busybox', '/usr/local/bin/busybox'];

/** A busybox without shared libraries: a whole base image in one file. */
export const busybox: Requirement =
	hasProgram('busybox') && !readBusybox().includes('/ld-linux')
		? met
		: missing('there is no static busybox', 'apt-get install busybox-static');

/** The start of a Boxfile whose steps have a shell and the usual small programs. */
export const busyboxBase = `FROM scratch AS base
COPY bin/busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
COPY etc /etc
ENV PATH=/bin
`;

/** A context for Boxfiles that begin with `busyboxBase`. */
export function busyboxFiles(boxfile: string, more: Files = {}): Files {
	return {
		Boxfile: busyboxBase + boxfile,
		'bin/busybox': readBusybox(),
		'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\n',
		'etc/group': 'root:x:0:\napp:x:1000:\nwheel:x:10:app\naudio:x:29:root,app\n',
		...more,
	};
}

export function readBusybox(): Buffer {
	for (const path of places) {
		try {
			return readFileSync(path);
		} catch {
			// The next one.
		}
	}
	return Buffer.from('/ld-linux');
}
