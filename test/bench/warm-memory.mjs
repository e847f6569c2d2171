// Touches as many bytes of memory as its argument says, and ends.
const piece = 64 << 20;
const bytes = Number(process.argv[2]);
const held = [];
for (let at = 0; at < bytes; at += piece) held.push(Buffer.allocUnsafeSlow(Math.min(piece, bytes - at)).fill(1));
