import {type Architecture, architectures} from '../../src/isolation/architecture.ts';
import {assemble} from '../../src/isolation/step-program/assemble.ts';
import {type Argument, instruction} from '../../src/isolation/step-program/instruction.ts';

/** Calls that neither a step nor a step program makes, `name:x86-64:arm64` as in src/isolation/syscall-table.ts. */
const others = `
keyctl:250:219 add_key:248:217 request_key:249:218 bpf:321:280 perf_event_open:298:241 userfaultfd:323:282 kexec_load:246:104
init_module:175:105 finit_module:313:273 delete_module:176:106 reboot:169:142 swapon:167:224 swapoff:168:225 settimeofday:164:170
clock_settime:227:112 acct:163:89 quotactl:179:60 open_by_handle_at:304:265 io_uring_setup:425:425 io_uring_enter:426:426
io_uring_register:427:427 syslog:103:116 setdomainname:171:162 kcmp:312:272 move_pages:279:239 mbind:237:235 set_mempolicy:238:237
fspick:433:433 vhangup:153:58 process_madvise:440:440 fanotify_init:300:262 lookup_dcookie:212:18 nfsservctl:180:42
`;

const native: Architecture | undefined = architectures.get(process.arch);
const numbers = new Map(
	others
		.trim()
		.split(/\s+/v)
		.map((row) => row.split(':'))
		.map(([name = '', ...columns]) => [name, Number(columns[process.arch === 'arm64' ? 1 : 0])]),
);

/** Names of those calls. */
export const foreignCalls: readonly string[] = [...numbers.keys()];

/** A static program that makes one system call and, when it fails, writes 16 bytes to descriptor 3: the negative errno first. */
export function callProbe(call: string, ...args: readonly Argument[]): Buffer {
	if (native === undefined) throw new Error(`no architecture ${process.arch}`);
	const architecture: Architecture = {...native, number: (name) => numbers.get(name) ?? native.number(name)};
	return assemble(
		[instruction('trying', call, args.length === 0 ? [0, 0, 0, 0, 0, 0] : args), instruction('ending', 'exit_group', [0])],
		architecture,
	);
}
