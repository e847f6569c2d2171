// Interpreter of a step program on arm64; same table as interpreter-x86-64.s. Rebuild:
//   aarch64-linux-gnu-as -o i.o interpreter-arm64.s && aarch64-linux-gnu-objcopy -O binary -j .text i.o i.bin
.globl _start
_start:
  adr x19, table
loop:
  ldr x20, [x19]
  mov w8, w20
  ldp x0, x1, [x19, #8]
  ldp x2, x3, [x19, #24]
  ldp x4, x5, [x19, #40]
  svc #0
  sbfx x22, x20, #32, #16
  cmn x0, #4095
  b.hs failed
  ldr x21, [x19, #56]
  cbz x21, stored
  str x0, [x21]
stored:
  tbz x20, #61, next
  cbz x0, next
  add x19, x19, x22, lsl #6
next:
  add x19, x19, #64
  b loop
failed:
  tbnz x20, #62, next
  tbz x20, #60, report
  add x19, x19, x22, lsl #6
  b next
report:
  stp x0, x19, [sp, #-16]!
  mov x0, #3
  mov x1, sp
  mov x2, #16
  mov x8, #64
  svc #0
  mov x0, #127
  mov x8, #94
  svc #0
.balign 8
table:
