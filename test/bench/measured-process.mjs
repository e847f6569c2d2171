// Runs the command of its arguments and writes what it took to descriptor 3 as JSON.
import {spawnSync} from 'node:child_process';
import {writeSync} from 'node:fs';
import koffi from 'koffi';

const resourceUsageOfChildren = -1;
const getrusage = koffi.load(null).func('int getrusage(int, _Out_ uint8_t *)');
const usage = Buffer.alloc(256);
const [command, ...args] = process.argv.slice(2);
const timeout = 30 * 60 * 1000;

const start = process.hrtime.bigint();
const {status, signal, error} = spawnSync(command, args, {stdio: ['ignore', 'inherit', 'inherit'], timeout});
const seconds = Number(process.hrtime.bigint() - start) / 1e9;
if (error !== undefined) console.error(error.message);
getrusage(resourceUsageOfChildren, usage);
// struct rusage: two struct timeval, then longs: ru_maxrss in KiB, ..., ru_oublock. On Linux the last is write_bytes of proc_pid_io(5) in
// units of 512 bytes: what dirtied pages of a file system with a disk. A descendant's counts once its parent has waited for it.
const cpu = [0, 16].map((at) => Number(usage.readBigInt64LE(at)) + Number(usage.readBigInt64LE(at + 8)) / 1e6);
const peak = Number(usage.readBigInt64LE(32)) * 1024;
const written = Number(usage.readBigInt64LE(96)) * 512;
writeSync(3, JSON.stringify({status, signal, seconds, cpu: cpu[0] + cpu[1], peak, written}));
